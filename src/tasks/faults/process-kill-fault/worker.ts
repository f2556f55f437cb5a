// Signals processes once or again and again. With a restart command they are started again at the
// end, unless somebody has done so.

import { TrogdorError } from "../../../core/trogdor-error.ts";
import type { ProcessIdentity } from "../../../platform/process-table/process-table.ts";
import { defineFault, type FaultNode } from "../../define-fault.ts";
import { commandLine, matchingProcesses, type ProcessSelector } from "../../process-selector.ts";
import { endsProcesses, type ProcessKillSpec } from "./spec.ts";

interface Target extends ProcessIdentity {
  readonly name: string;
}

interface Plan {
  readonly selector: ProcessSelector;
  readonly targets: readonly Target[];
  readonly signal: string;
  readonly intervalMs: number;
  readonly restartCommand: readonly string[];
}

const goneWithinMs = 10_000;
const pauseMs = 20;
const nameLengthMax = 200;

export const processKill = defineFault<ProcessKillSpec, Plan>({
  async plan({ command, maxMatches, signal, intervalMs, restartCommand }, context) {
    const selector = { command, maxMatches };
    const found = await matchingProcesses(selector, context);
    if (found.length === 0) {
      throw new TrogdorError("task", `command: "${command}" matches no process of this node`);
    }
    const targets = found.map((one) => ({
      pid: one.pid,
      startTicks: one.startTicks,
      name: commandLine(one).slice(0, nameLengthMax),
    }));
    return { selector, targets, signal, intervalMs, restartCommand };
  },
  steps: ({ targets, signal, intervalMs, restartCommand }) => ({
    targets: targets.map(({ pid, name }) => `process ${pid}: ${name}`),
    apply: [
      ...targets.map(({ pid }) => `kill -${signal} ${pid}`),
      ...(intervalMs === 0 ? [] : [`again every ${intervalMs} ms, whoever matches then`]),
    ],
    undo: [restartCommand.length === 0 ? "nothing: no restartCommand" : restartCommand.join(" ")],
  }),
  async apply({ targets, signal }, node) {
    for (const target of targets) await node.processTable.signal(target, signal);
    if (endsProcesses(signal)) await gone(targets, node);
  },
  async probe(plan, node) {
    const { targets, signal, intervalMs, restartCommand, selector } = plan;
    if (!endsProcesses(signal)) return "";
    const living = await livingAmong(targets, node);
    if (living.length > 0) return stillThere(living, signal);
    if (restartCommand.length === 0 || intervalMs > 0) return "";
    const others = await matchingProcesses(selector, node);
    if (others.length === 0) return "";
    const pids = others.map((one) => one.pid).join(", ");
    return `expected no process to match until the end, found ${pids}: somebody started it again`;
  },
  async during(plan, node, { signal, report }) {
    const { selector, intervalMs, restartCommand } = plan;
    if (intervalMs === 0) return;
    for (let kills = 1; !signal.aborted; kills += 1) {
      report(`sent ${plan.signal} to ${selector.command}, ${kills} times`);
      if (restartCommand.length > 0) await restart(plan, node);
      await node.clock.sleep(intervalMs, signal);
      if (signal.aborted) return;
      const found = await matchingProcesses(selector, node);
      for (const one of found) await node.processTable.signal(one, plan.signal);
      if (endsProcesses(plan.signal)) await gone(found, node);
      // Whoever supervises it may need longer: that is no kill.
      if (found.length === 0) kills -= 1;
    }
  },
  async undo(plan, node) {
    if (plan.restartCommand.length > 0) await restart(plan, node);
  },
  words: {
    applying: ({ command }) => `killing ${command}`,
    applied: ({ command }) => `killed ${command}`,
    undoing: ({ command }) => `ending the killing of ${command}`,
    undone: ({ command }) => `ended the killing of ${command}`,
  },
});

/** Nothing when one of them runs. */
async function restart(plan: Plan, node: FaultNode): Promise<void> {
  const { selector, restartCommand } = plan;
  const isThere = async () => (await matchingProcesses(selector, node)).length > 0;
  if (await isThere()) return;
  const line = restartCommand.join(" ");
  const { exitCode, stderr } = await node.commands.run(restartCommand);
  if (exitCode !== 0) {
    const said = stderr.trim().split("\n")[0] || `exit code ${exitCode}`;
    throw new TrogdorError("task", `restartCommand ${line} failed: ${said}`);
  }
  for (let waitedMs = 0; waitedMs < goneWithinMs; waitedMs += pauseMs) {
    if (await isThere()) return;
    await node.clock.sleep(pauseMs);
  }
  const message = `restartCommand ${line} succeeded, but no process matches "${selector.command}"`;
  throw new TrogdorError("task", message);
}

async function gone(targets: readonly ProcessIdentity[], node: FaultNode): Promise<void> {
  for (let waitedMs = 0; waitedMs < goneWithinMs; waitedMs += pauseMs) {
    if ((await livingAmong(targets, node)).length === 0) return;
    await node.clock.sleep(pauseMs);
  }
}

async function livingAmong<One extends ProcessIdentity>(
  targets: readonly One[],
  { processTable }: FaultNode,
): Promise<One[]> {
  const living: One[] = [];
  for (const target of targets) {
    if ((await processTable.threadStates(target)).length > 0) living.push(target);
  }
  return living;
}

function stillThere(living: readonly ProcessIdentity[], signal: string): string {
  const pids = living.map((one) => one.pid).join(", ");
  return `expected process ${pids} to be gone after ${signal}, found it still there`;
}
