// One worker on the agent, and what each event makes of it. A stop while it starts is STOPPING at
// once, although the start still runs: the runner is told, and the end counts once. Late and
// repeated events are legal; the same object comes back when nothing changed.
//
//     STARTING -> RUNNING -> STOPPING -> DONE      any state may go to DONE; DONE is final

import { hasExpired, type JsonText, type SpecData } from "../spec-data.ts";
import type { WorkerState } from "../worker-state.ts";

export interface AgentWorker {
  readonly id: bigint;
  readonly taskId: string;
  readonly spec: SpecData;
  readonly state: WorkerState["state"];
  readonly startedMs: number;
  /** -1 while it is not DONE. */
  readonly doneMs: number;
  readonly status: JsonText;
  readonly error: string;
  /** The coordinator of ours that created it; "" for everybody else. */
  readonly createdBy: string;
  /** The coordinator of ours that wants it gone when it is DONE; undefined: nobody does. */
  readonly destroyedBy: string | undefined;
}

export type AgentWorkerEvent =
  | { readonly type: "started" }
  | { readonly type: "status"; readonly status: JsonText }
  /** `error` is the worker's unless it ends with one of its own; "" for a stop as asked. */
  | { readonly type: "stop"; readonly error: string }
  | { readonly type: "destroy"; readonly by: string }
  | { readonly type: "ended"; readonly nowMs: number; readonly error: string };

export function newAgentWorker(
  id: bigint,
  taskId: string,
  spec: SpecData,
  nowMs: number,
  createdBy = "",
): AgentWorker {
  const worker: AgentWorker = {
    id,
    taskId,
    spec,
    state: "STARTING",
    startedMs: nowMs,
    doneMs: -1,
    status: "null",
    error: "",
    createdBy,
    destroyedBy: undefined,
  };
  if (!hasExpired(spec, nowMs)) return worker;
  return agentWorkerStep(worker, { type: "ended", nowMs, error: expiryText(spec) });
}

export function agentWorkerStep(worker: AgentWorker, event: AgentWorkerEvent): AgentWorker {
  if (worker.state === "DONE") {
    return event.type === "destroy" ? destroyed(worker, event.by) : worker;
  }
  switch (event.type) {
    case "started":
      return worker.state === "STARTING" ? { ...worker, state: "RUNNING" } : worker;
    case "status":
      return worker.status === event.status ? worker : { ...worker, status: event.status };
    case "stop":
      return stopping(worker, event.error);
    case "destroy":
      return destroyed(stopping(worker, ""), event.by);
    case "ended": {
      const error = event.error === "" ? worker.error : event.error;
      return { ...worker, state: "DONE", doneMs: event.nowMs, error };
    }
  }
}

/** The worker in the words of the wire; an error shows when it is DONE. */
export function workerStateOf(worker: AgentWorker): WorkerState {
  const { taskId, spec, state, startedMs, doneMs, status, error } = worker;
  switch (state) {
    case "STARTING":
      return { state, taskId, spec };
    case "RUNNING":
    case "STOPPING":
      return { state, taskId, spec, startedMs, status };
    case "DONE":
      return { state, taskId, spec, startedMs, doneMs, status, error };
  }
}

function stopping(worker: AgentWorker, error: string): AgentWorker {
  if (worker.state === "STOPPING") return worker;
  return { ...worker, state: "STOPPING", error };
}

function destroyed(worker: AgentWorker, by: string): AgentWorker {
  return worker.destroyedBy === undefined ? { ...worker, destroyedBy: by } : worker;
}

/** The reference's text; without a duration it says why that could not have been otherwise. */
function expiryText(spec: SpecData): string {
  if (spec.durationMs > 0) return "worker expired";
  return "worker expired: durationMs is 0 or missing, so it was over before it began";
}
