// A worker ends soon after its startMs + durationMs by its agent's clock, whatever became of the
// coordinator; and when a stop or destroy was acknowledged, it ends within a bound of that, or of
// the moment when the network and the daemons were whole again.

import type { History, WorkerRun } from "../history.ts";
import { simulationStartMs } from "../host.ts";
import type { Checker } from "./checker.ts";

/** Clocks that differ, a worker that is slow to stop, an agent that is restarted meanwhile. */
export const expirySlackMs = 6_000;

/** Polls, retries and time-outs of a coordinator in peace. */
export const stopBoundMs = 45_000;

export const workersEndInTime: Checker = {
  name: "workers end in time",
  check(history) {
    const nowMs = history.final?.atMs ?? 0;
    return history.runs.flatMap((run) => [
      ...afterExpiry(run, nowMs),
      ...afterStop(history, run, nowMs),
    ]);
  },
};

function afterExpiry(run: WorkerRun, nowMs: number): string[] {
  const dueMs = run.specStartMs - simulationStartMs + run.durationMs + expirySlackMs;
  if ((run.endedMs ?? nowMs) <= Math.max(dueMs, run.startedMs + expirySlackMs)) return [];
  return [`${named(run)} should have ended by ${dueMs} and ran until ${run.endedMs ?? "the end"}`];
}

function afterStop(history: History, run: WorkerRun, nowMs: number): string[] {
  const stopped = history.ops.find(
    ({ verb, taskId, outcome }) => verb !== "create" && taskId === run.taskId && outcome === "ok",
  );
  if (stopped === undefined) return [];
  const dueMs = Math.max(stopped.endedMs, history.peaceMs, run.startedMs) + stopBoundMs;
  if ((run.endedMs ?? nowMs) <= dueMs) return [];
  const asked = `${stopped.verb} of ${stopped.endedMs}`;
  return [`${named(run)} ran until ${run.endedMs ?? "the end"} in spite of the ${asked}`];
}

function named(run: WorkerRun): string {
  return `worker ${run.workerId} of ${run.taskId} on ${run.node}, started at ${run.startedMs},`;
}
