// A task's state as readers see it. The status of a task with one worker is that worker's; of
// several it is an object from node to status, sorted by node, whether they are over or not. It is
// put together when somebody reads it, so that a report from one of a thousand nodes costs little.

import type { JsonText } from "../spec-data.ts";
import type { TaskState } from "../task-state.ts";
import type { TaskRecord } from "./task-transitions.ts";
import type { WorkerRecord } from "./worker-transitions.ts";

export type WorkerLookup = ReadonlyMap<bigint, WorkerRecord>;

export function taskStateOf(task: TaskRecord, workers: WorkerLookup): TaskState {
  const { state, spec, startedMs, doneMs, error, cancelled } = task;
  if (state === "PENDING") return { state, spec, status: "null" };
  let text: JsonText | undefined;
  const status = () => {
    text ??= combinedStatus(workerStatuses(task, workers));
    return text;
  };
  if (state !== "DONE") {
    return {
      state,
      spec,
      startedMs,
      get status() {
        return status();
      },
    };
  }
  const hasStatus = task.workers.length > 0;
  return {
    state,
    spec,
    startedMs,
    doneMs,
    error,
    cancelled,
    get status() {
      return hasStatus ? status() : undefined;
    },
  };
}

/** Each worker's status, sorted by node; undefined for one that never had any. */
export function workerStatuses(
  task: TaskRecord,
  workers: WorkerLookup,
): readonly (readonly [node: string, status: JsonText])[] {
  return task.workers.map(([node, id]) => [node, workerStatus(workers.get(id))]);
}

export function combinedStatus(statuses: readonly (readonly [string, JsonText])[]): JsonText {
  const [first] = statuses;
  if (first !== undefined && statuses.length === 1) return first[1];
  const members = statuses.map(([node, status]) => `${JSON.stringify(node)}:${status}`);
  return `{${members.join(",")}}`;
}

/** The texts are the coordinator's own while the agent has not reported any status. */
function workerStatus(worker: WorkerRecord | undefined): JsonText {
  switch (worker?.phase) {
    case "UNSENT":
    case "SENT":
      return worker.status ?? '"receiving"';
    case "STARTING":
      return worker.status ?? '"starting"';
    default:
      return worker?.status ?? "null";
  }
}
