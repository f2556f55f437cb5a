// What to ask of a node about one worker, given what a poll has shown of it.

import type { WorkerState } from "../worker-state.ts";
import type { AgentCallName } from "./coordinator-events.ts";
import { isSurelyMissing, type WorkerRecord } from "./worker-transitions.ts";

/** `reported` undefined: the node does not have the worker. */
export function wantedCall(
  worker: WorkerRecord,
  reported: WorkerState | undefined,
  poll: number,
): AgentCallName | undefined {
  const isForgotten = worker.wanted === "forget";
  if (reported === undefined) {
    if (worker.phase === "DONE") return isForgotten ? "destroy" : undefined;
    if (worker.wanted !== "run") return "stop";
    return isSurelyMissing(worker, poll) ? "create" : undefined;
  }
  if (reported.state === "DONE") return isForgotten ? "destroy" : undefined;
  const shouldRun = worker.wanted === "run" && worker.phase !== "DONE";
  return runs(reported) && !shouldRun ? "stop" : undefined;
}

/** True for a worker that a stop would change. */
export function runs(reported: WorkerState): boolean {
  return reported.state === "STARTING" || reported.state === "RUNNING";
}
