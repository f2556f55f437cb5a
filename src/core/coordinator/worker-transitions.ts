// One worker as the coordinator sees it: what was sent to its node, what the node reported, and
// whether it should run, stop or be forgotten. DONE is final: nothing that a node reports later
// changes it. Late and repeated events are legal; the same object comes back when nothing changed.
//
//     UNSENT -> SENT -> STARTING -> RUNNING -> STOPPING -> DONE      any state may go to DONE

import type { JsonText } from "../spec-data.ts";
import type { WorkerState } from "../worker-state.ts";

export const workerPhases = ["UNSENT", "SENT", "STARTING", "RUNNING", "STOPPING", "DONE"] as const;
/** SENT: a create was sent, or may have been; the node has not shown the worker yet. */
export type WorkerPhase = (typeof workerPhases)[number];

export interface WorkerRecord {
  readonly id: bigint;
  readonly taskId: string;
  readonly node: string;
  readonly phase: WorkerPhase;
  /** What should become of it; `forget`: its task is gone, so it ends and leaves the node. */
  readonly wanted: "run" | "stop" | "forget";
  /** When a stop was asked for first; -1 while none was. */
  readonly stopMs: number;
  /** The status as reported; undefined until the node has shown one. */
  readonly status: JsonText | undefined;
  readonly error: string;
  /** True while a create is on its way. */
  readonly isCreating: boolean;
  readonly creates: number;
  readonly stops: number;
  /**
   * The node's poll number when a create, and a stop, was answered last: only a poll with a higher
   * number says what became of it. -1: never answered.
   */
  readonly createdAt: number;
  readonly stoppedAt: number;
  /** True once the node has confirmed that it forgot the worker. */
  readonly isGone: boolean;
}

export type WorkerEvent =
  | { readonly type: "createSent" }
  | { readonly type: "createEnded"; readonly poll: number }
  | { readonly type: "createRefused"; readonly error: string }
  | { readonly type: "stopWanted"; readonly nowMs: number }
  | { readonly type: "stopSent" }
  | { readonly type: "stopAnswered"; readonly poll: number }
  | { readonly type: "forgetWanted"; readonly nowMs: number }
  | { readonly type: "reported"; readonly reported: WorkerState }
  | { readonly type: "missing"; readonly poll: number }
  | { readonly type: "lost"; readonly error: string }
  | { readonly type: "gone" };

export function newWorker(id: bigint, taskId: string, node: string): WorkerRecord {
  return {
    id,
    taskId,
    node,
    phase: "UNSENT",
    wanted: "run",
    stopMs: -1,
    status: undefined,
    error: "",
    isCreating: false,
    creates: 0,
    stops: 0,
    createdAt: -1,
    stoppedAt: -1,
    isGone: false,
  };
}

export function workerStep(worker: WorkerRecord, event: WorkerEvent): WorkerRecord {
  switch (event.type) {
    case "createSent": {
      const phase = worker.phase === "UNSENT" ? "SENT" : worker.phase;
      return { ...worker, phase, isCreating: true, creates: worker.creates + 1 };
    }
    case "createEnded":
      return { ...worker, isCreating: false, createdAt: event.poll };
    case "createRefused":
      return { ...ended(worker, event.error), isCreating: false };
    case "stopWanted":
      return stopWanted(worker, "stop", event.nowMs);
    case "stopSent":
      return { ...worker, stops: worker.stops + 1 };
    case "stopAnswered":
      return { ...worker, stoppedAt: event.poll };
    case "forgetWanted":
      return stopWanted(worker, "forget", event.nowMs);
    case "reported":
      return reported(worker, event.reported);
    case "missing":
      return hasEndedUnseen(worker, event.poll) ? ended(worker, "") : worker;
    case "lost":
      return ended(worker, event.error);
    case "gone":
      return worker.isGone ? worker : { ...worker, isGone: true };
  }
}

/** True when a poll that does not show the worker settles that no create of it is under way. */
export function isSurelyMissing(worker: WorkerRecord, poll: number): boolean {
  return !worker.isCreating && worker.createdAt < poll;
}

/** A stop of what was never sent needs no node. */
function stopWanted(worker: WorkerRecord, wanted: "stop" | "forget", nowMs: number): WorkerRecord {
  if (worker.wanted === wanted || worker.wanted === "forget") return worker;
  const stopMs = worker.stopMs < 0 ? nowMs : worker.stopMs;
  const next = { ...worker, wanted, stopMs };
  return worker.phase === "UNSENT" ? ended(next, "") : next;
}

function reported(worker: WorkerRecord, state: WorkerState): WorkerRecord {
  if (worker.phase === "DONE") return worker;
  if (state.state === "DONE") return { ...ended(worker, state.error), status: state.status };
  const status = state.state === "STARTING" ? worker.status : state.status;
  if (worker.phase === state.state && worker.status === status) return worker;
  return { ...worker, phase: state.state, status };
}

/** It was to stop, the node confirmed that, and then did not have it any more: it is over. */
function hasEndedUnseen(worker: WorkerRecord, poll: number): boolean {
  if (!isSurelyMissing(worker, poll)) return false;
  if (worker.phase === "STOPPING") return true;
  return worker.wanted !== "run" && worker.stoppedAt >= 0 && worker.stoppedAt < poll;
}

function ended(worker: WorkerRecord, error: string): WorkerRecord {
  return worker.phase === "DONE" ? worker : { ...worker, phase: "DONE", error };
}
