// A unit of systemd. A broker may take minutes to stop and to start, more than a command may: its
// jobs are only queued, and its state is looked at until it is there.
//
//   active, reloading        it runs
//   activating               it is about to run; with auto-restart it failed and is tried again
//   deactivating             it still has its time to stop
//   inactive, failed         it is stopped; a JVM that ends by SIGTERM is often taken for failed

import { errorText, TrogdorError } from "../../../core/trogdor-error.ts";
import type { FaultNode } from "../../define-fault.ts";
import { mustRunAsRoot } from "../../network-rules/run-command.ts";
import { comesTrue, type Service } from "./service.ts";
import type { ServiceCommands } from "./spec.ts";

/** systemd kills after TimeoutStopSec, which is 90 s unless somebody says something else. */
const stoppedWithinMs = 100_000;
/** Whoever is still on the way then is left to systemd. */
const startedWithinMs = 20_000;

const properties = ["LoadState", "ActiveState", "SubState", "Result"] as const;
type UnitState = Readonly<Record<(typeof properties)[number], string>>;

export function systemdUnit(unit: string, { stop, start }: ServiceCommands): Service {
  const look = (node: FaultNode) => readState(unit, node);
  return {
    async whyNotRunning(node) {
      const state = await look(node);
      if (state.LoadState === "not-found") return `systemd knows no unit ${unit} on this node`;
      return isRunning(state) ? "" : `unit ${unit} does not run, it is ${state.ActiveState}`;
    },
    async whyNotStopped(node) {
      const state = await look(node);
      return isStopped(state) ? "" : `unit ${unit} is ${state.ActiveState}`;
    },
    async stop(node) {
      await mustRunAsRoot(node.commands, stop);
      await comesTrue(node, stoppedWithinMs, async () => isStopped(await look(node)));
    },
    async start(node) {
      const state = await look(node);
      if (state.LoadState === "not-found") return;
      if (!isRunning(state) && !isStarting(state)) await mustRunAsRoot(node.commands, start);
      await mustStart(unit, state, node, look);
    },
  };
}

async function mustStart(
  unit: string,
  before: UnitState,
  node: FaultNode,
  look: (node: FaultNode) => Promise<UnitState>,
): Promise<void> {
  let last = before;
  await comesTrue(node, startedWithinMs, async () => {
    const state = await look(node);
    // Before its job begins, the unit is as it was.
    const hasFailed = state.ActiveState === "failed" && last.ActiveState !== "failed";
    last = state;
    return isRunning(state) || hasFailed;
  });
  if (isRunning(last) || isStarting(last)) return;
  const { ActiveState: found, Result: result } = last;
  const why = result === "" || result === "success" ? "" : ` (${result})`;
  throw new TrogdorError(
    "task",
    `unit ${unit} was told to start, but is ${found}${why}: see journalctl -u ${unit}`,
  );
}

function isRunning({ ActiveState }: UnitState): boolean {
  return ActiveState === "active" || ActiveState === "reloading";
}

function isStarting({ ActiveState, SubState }: UnitState): boolean {
  return ActiveState === "activating" && SubState !== "auto-restart";
}

function isStopped({ ActiveState }: UnitState): boolean {
  return ActiveState === "inactive" || ActiveState === "failed";
}

async function readState(unit: string, { commands }: FaultNode): Promise<UnitState> {
  const asked = properties.map((name) => `--property=${name}`);
  let text: string;
  try {
    text = await mustRunAsRoot(commands, ["systemctl", "show", ...asked, "--", unit]);
  } catch (cause) {
    const instead = "without systemd, give stopCommand, startCommand and statusCommand, no unit";
    throw new TrogdorError("task", `unit: ${instead}: ${errorText(cause)}`, { cause });
  }
  const found = (name: string) => new RegExp(`^${name}=(.*)$`, "m").exec(text)?.[1] ?? "";
  const [LoadState = "", ActiveState = "", SubState = "", Result = ""] = properties.map(found);
  return { LoadState, ActiveState, SubState, Result };
}
