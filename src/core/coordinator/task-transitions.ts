// One task on the coordinator, and what each event makes of it: PENDING, RUNNING, STOPPING, DONE.
// Late and repeated events are legal and change nothing. A record is an immutable value; the same
// object comes back when nothing changed.

import type { SpecData } from "../spec-data.ts";
import type { TaskStateName } from "../task-state.ts";

export interface TaskRecord {
  readonly id: string;
  /** The how-manieth task of this coordinator: tells a task from an earlier one with its id. */
  readonly serial: number;
  /** As it was asked for; `spec.startMs` is this or the time of the create, whichever is later. */
  readonly submittedStartMs: bigint;
  readonly spec: SpecData;
  /** What the workers get in its place: the same with the targets that were found. */
  readonly workerSpec?: SpecData;
  readonly state: TaskStateName;
  /** -1 while unset, as is `doneMs`. */
  readonly startedMs: number;
  readonly doneMs: number;
  /** The first error; "" when there is none. */
  readonly error: string;
  readonly cancelled: boolean;
  /** Node and worker id, sorted by node. Empty until it starts. */
  readonly workers: readonly (readonly [node: string, workerId: bigint])[];
  readonly activeWorkers: number;
}

export type TaskEvent =
  | {
      readonly type: "started";
      readonly nowMs: number;
      readonly workers: TaskRecord["workers"];
      readonly workerSpec?: SpecData | undefined;
    }
  | { readonly type: "unstartable"; readonly nowMs: number; readonly error: string }
  | { readonly type: "stopRequested"; readonly nowMs: number }
  | { readonly type: "workerDone"; readonly nowMs: number; readonly error: string };

export function taskStep(task: TaskRecord, event: TaskEvent): TaskRecord {
  switch (event.type) {
    case "started":
      return task.state === "PENDING" ? started(task, event) : task;
    case "unstartable":
      return task.state === "PENDING" ? done({ ...task, error: event.error }, event.nowMs) : task;
    case "stopRequested":
      return stopRequested(task, event.nowMs);
    case "workerDone":
      return workerDone(task, event.nowMs, event.error);
  }
}

function started(
  task: TaskRecord,
  { nowMs, workers, workerSpec }: Extract<TaskEvent, { type: "started" }>,
): TaskRecord {
  const activeWorkers = workers.length;
  const found = workerSpec === undefined ? {} : { workerSpec };
  return { ...task, ...found, state: "RUNNING", startedMs: nowMs, workers, activeWorkers };
}

function stopRequested(task: TaskRecord, nowMs: number): TaskRecord {
  switch (task.state) {
    case "PENDING":
      return done({ ...task, cancelled: true }, nowMs);
    case "RUNNING":
      return { ...task, state: "STOPPING", cancelled: true };
    case "STOPPING":
    case "DONE":
      return task;
  }
}

function workerDone(task: TaskRecord, nowMs: number, error: string): TaskRecord {
  if (task.state === "PENDING" || task.state === "DONE") return task;
  const activeWorkers = task.activeWorkers - 1;
  const next = { ...task, activeWorkers, error: task.error === "" ? error : task.error };
  if (activeWorkers === 0) return done(next, nowMs);
  return error === "" ? next : { ...next, state: "STOPPING" };
}

function done(task: TaskRecord, nowMs: number): TaskRecord {
  return { ...task, state: "DONE", doneMs: nowMs };
}
