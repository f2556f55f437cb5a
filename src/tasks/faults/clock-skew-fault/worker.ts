// Sets the wall clock off. What it would be is told by the boot clock, which nobody sets: by that
// the clock is put right at the end, whatever was done to it, and however often that is tried.

import { TrogdorError } from "../../../core/trogdor-error.ts";
import { defineFault, type FaultNode } from "../../define-fault.ts";
import { undoAll } from "../../undo-all.ts";
import type { ClockSkewSpec } from "./spec.ts";
import { activeTimeServices, startServices, stopServices } from "./time-services.ts";

interface Plan {
  readonly mode: ClockSkewSpec["mode"];
  readonly offsetMs: number;
  readonly intervalMs: number;
  readonly driftMsPerSec: number;
  /** The wall clock minus the boot clock, as it was before. */
  readonly baseUs: number;
  /** The boot clock when the fault was planned. */
  readonly beganUs: number;
  /** Units that keep the clock right, and have to be held back. */
  readonly services: readonly string[];
}

/** A drift is made of steps. */
const driftStepMs = 100;
/** What the clock may be off by itself, and by the time that a look takes. */
const toleranceMs = 50;
/** Closer than this is right. */
const rightWithinMs = 10;

export const clockSkew = defineFault<ClockSkewSpec, Plan>({
  async plan({ mode, offsetMs, intervalMs, driftMsPerSec }, context) {
    if (context.allowsClock !== true) {
      throw new TrogdorError(
        "task",
        "faults may not set this machine's clock: start the agent (or exec) with --allow-clock",
      );
    }
    const { systemClock } = context;
    const beganUs = systemClock.bootUs();
    const baseUs = systemClock.realtimeUs() - beganUs;
    const services = await activeTimeServices(context);
    return { mode, offsetMs, intervalMs, driftMsPerSec, baseUs, beganUs, services };
  },
  steps(plan) {
    const { services } = plan;
    const stopped = services.map((unit) => `systemctl stop ${unit}`);
    const started = services.map((unit) => `systemctl start ${unit}`);
    return {
      targets: ["the clock of this machine"],
      apply: [...stopped, inWords(plan)],
      undo: ["set the clock to what it would be", ...started],
    };
  },
  async apply(plan, node) {
    await stopServices(plan.services, node);
    if (plan.mode !== "drift") set(plan, plan.offsetMs, node);
    else set(plan, driftedMs(plan, node), node);
  },
  async probe(plan, node) {
    const seenMs = seenOffsetMs(plan, node);
    const wanted = wantedOffsetsMs(plan, node);
    const slackMs = plan.mode === "drift" ? driftSlackMs(plan) : toleranceMs;
    if (wanted.some((offsetMs) => Math.abs(offsetMs - seenMs) <= slackMs)) {
      const active = await activeTimeServices(node);
      if (active.length === 0) return "";
      return `expected no service to set the clock, found that ${active.join(", ")} runs`;
    }
    const expected = wanted.map((offsetMs) => `${Math.round(offsetMs)} ms`).join(" or ");
    return `expected the clock to be off by ${expected}, found ${Math.round(seenMs)} ms`;
  },
  async during(plan, node, { signal }) {
    if (plan.mode === "step") return;
    for (let turn = 1; !signal.aborted; turn += 1) {
      await node.clock.sleep(plan.mode === "strobe" ? plan.intervalMs : driftStepMs, signal);
      if (signal.aborted) return;
      const strobedMs = turn % 2 === 1 ? 0 : plan.offsetMs;
      set(plan, plan.mode === "strobe" ? strobedMs : driftedMs(plan, node), node);
    }
  },
  async undo(plan, node) {
    await undoAll([
      async () => {
        if (Math.abs(seenOffsetMs(plan, node)) > rightWithinMs) set(plan, 0, node);
      },
      () => startServices(plan.services, node),
    ]);
  },
  isAlone: true,
  afterReboot: (plan) =>
    `A reboot ended a fault of the clock (${inWords(plan)}); what the clock was is not known, ` +
    "and it is left as it is",
  words: {
    applying: (_spec, taskId) => `setting the clock off ${taskId}`,
    applied: (_spec, taskId) => `set the clock off ${taskId}`,
    undoing: (_spec, taskId) => `setting the clock right ${taskId}`,
    undone: (_spec, taskId) => `set the clock right ${taskId}`,
  },
});

function set({ baseUs }: Plan, offsetMs: number, { systemClock }: FaultNode): void {
  systemClock.setRealtimeUs(baseUs + systemClock.bootUs() + offsetMs * 1000);
}

function seenOffsetMs({ baseUs }: Plan, { systemClock }: FaultNode): number {
  return (systemClock.realtimeUs() - systemClock.bootUs() - baseUs) / 1000;
}

function driftedMs({ beganUs, driftMsPerSec }: Plan, { systemClock }: FaultNode): number {
  return ((systemClock.bootUs() - beganUs) / 1e6) * driftMsPerSec;
}

function wantedOffsetsMs(plan: Plan, node: FaultNode): readonly number[] {
  if (plan.mode === "step") return [plan.offsetMs];
  if (plan.mode === "strobe") return [plan.offsetMs, 0];
  return [driftedMs(plan, node)];
}

/** A busy agent may be some steps late. */
function driftSlackMs({ driftMsPerSec }: Plan): number {
  return toleranceMs + Math.abs(driftMsPerSec);
}

function inWords({ mode, offsetMs, intervalMs, driftMsPerSec }: Plan): string {
  if (mode === "drift") return `let the clock gain ${driftMsPerSec} ms a second`;
  const turns = mode === "strobe" ? `, in turns of ${intervalMs} ms` : "";
  return `set the clock off by ${offsetMs} ms${turns}`;
}
