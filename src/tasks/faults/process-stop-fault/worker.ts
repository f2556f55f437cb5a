// Suspends the JVMs that match when the fault starts, and lets exactly those go on at the end. What
// was suspended before the fault stays so.

import { TrogdorError } from "../../../core/trogdor-error.ts";
import type { ProcessIdentity } from "../../../platform/process-table/process-table.ts";
import { defineFault, type FaultNode } from "../../define-fault.ts";
import { javaCommandText } from "./java-command.ts";
import type { ProcessStopSpec } from "./spec.ts";

interface Target extends ProcessIdentity {
  /** As `jcmd` shows it, cut to a readable length. */
  readonly name: string;
}

interface Plan {
  readonly targets: readonly Target[];
}

const nameLengthMax = 200;
/** A thread in the kernel stops when it comes back from there. */
const stoppedWithinMs = 2_000;
const pauseMs = 10;

export const processStop = defineFault<ProcessStopSpec, Plan>({
  async plan(spec, context) {
    const all = await context.processTable.list();
    const jvms = all.filter((one) => one.isJvm && !one.isOurs);
    const matching = jvms
      .map(({ pid, startTicks, command }) => ({ pid, startTicks, name: javaCommandText(command) }))
      .filter(({ pid, name }) => `${pid} ${name}`.includes(spec.javaProcessName));
    if (matching.length === 0) throw noMatch(spec.javaProcessName, jvms.length);
    const targets: Target[] = [];
    for (const target of matching) {
      const { pid, startTicks, name } = target;
      if (await isStopped(target, context)) continue;
      targets.push({ pid, startTicks, name: name.slice(0, nameLengthMax) });
    }
    if (targets.length === 0) throw allStopped(matching.map((one) => one.pid));
    return { targets };
  },
  steps: ({ targets }) => ({
    targets: targets.map(({ pid, name }) => `process ${pid}: ${name}`),
    apply: targets.map(({ pid }) => `kill -SIGSTOP ${pid}`),
    undo: targets.map(({ pid }) => `kill -SIGCONT ${pid}`),
  }),
  async apply({ targets }, node) {
    for (const target of targets) await node.processTable.signal(target, "SIGSTOP");
    for (let waitedMs = 0; waitedMs < stoppedWithinMs; waitedMs += pauseMs) {
      if ((await runningAmong(targets, node)).length === 0) return;
      await node.clock.sleep(pauseMs);
    }
  },
  async probe({ targets }, node) {
    const alive = await livingAmong(targets, node);
    if (alive.length === 0) return "expected suspended processes, but all of them have ended";
    const running = await runningAmong(targets, node);
    if (running.length === 0) return "";
    const pids = running.map((target) => target.pid).join(", ");
    return `expected every thread of process ${pids} to be stopped, found some running`;
  },
  async undo({ targets }, node) {
    const going = targets.map((target) => node.processTable.signal(target, "SIGCONT"));
    // One that cannot be signalled must not keep the others suspended.
    const failed = (await Promise.allSettled(going)).find(({ status }) => status === "rejected");
    if (failed?.status === "rejected") throw failed.reason;
  },
  words: {
    applying: ({ javaProcessName }) => `stopping ${javaProcessName}`,
    applied: ({ javaProcessName }) => `stopped ${javaProcessName}`,
    undoing: ({ javaProcessName }) => `resuming ${javaProcessName}`,
    undone: ({ javaProcessName }) => `resumed ${javaProcessName}`,
  },
});

async function isStopped(identity: ProcessIdentity, node: FaultNode): Promise<boolean> {
  const states = await node.processTable.threadStates(identity);
  return states.length > 0 && states.every((state) => state === "T" || state === "t");
}

async function livingAmong(targets: readonly Target[], node: FaultNode): Promise<Target[]> {
  const found: Target[] = [];
  for (const target of targets) {
    if ((await node.processTable.threadStates(target)).length > 0) found.push(target);
  }
  return found;
}

/** Those that live and have a thread that is not stopped. */
async function runningAmong(targets: readonly Target[], node: FaultNode): Promise<Target[]> {
  const found: Target[] = [];
  for (const target of await livingAmong(targets, node)) {
    if (!(await isStopped(target, node))) found.push(target);
  }
  return found;
}

function noMatch(name: string, jvmCount: number): TrogdorError {
  const found = jvmCount === 0 ? "this node runs no JVM" : `none of its ${jvmCount} JVMs matches`;
  return new TrogdorError("task", `javaProcessName: "${name}" matches no process: ${found}`);
}

function allStopped(pids: readonly number[]): TrogdorError {
  const which = pids.join(", ");
  return new TrogdorError("task", `the processes that match (${which}) are suspended already`);
}
