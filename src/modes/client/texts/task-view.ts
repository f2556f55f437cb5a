// A task's state as the texts show it, whoever the coordinator is: the spec may be of a class that
// this program does not know, so it stays text until it is printed.

import type { TaskState } from "../../../core/task-state.ts";

export interface TaskView {
  readonly id: string;
  readonly state: TaskState["state"];
  readonly className: string;
  readonly specText: string;
  readonly startMs: bigint;
  readonly durationMs: number;
  /** -1 when it has not run. */
  readonly startedMs: number;
  readonly doneMs: number;
  /** "" when there is none. */
  readonly error: string;
  readonly cancelled: boolean;
  /** `null` when there is none. */
  readonly statusText: string;
}

export function taskView(id: string, task: TaskState): TaskView {
  const isDone = task.state === "DONE";
  return {
    id,
    state: task.state,
    className: task.spec.className,
    specText: task.spec.text,
    startMs: task.spec.startMs,
    durationMs: task.spec.durationMs,
    startedMs: task.state === "PENDING" ? -1 : task.startedMs,
    doneMs: isDone ? task.doneMs : -1,
    error: isDone ? task.error : "",
    cancelled: isDone && task.cancelled,
    statusText: task.status ?? "null",
  };
}

/** Why a finished task ended as it did, and what became of the others. */
export type TaskFate = "waiting" | "active" | "finished" | "cancelled" | "failed";

export function taskFate(task: TaskView): TaskFate {
  if (task.state === "PENDING") return "waiting";
  if (task.state !== "DONE") return "active";
  if (task.error !== "") return "failed";
  return task.cancelled ? "cancelled" : "finished";
}

/** `org.apache.kafka.trogdor.workload.ProduceBenchSpec` -> `ProduceBench`, for people. */
export function shortClassName(className: string): string {
  const simple = className.slice(className.lastIndexOf(".") + 1);
  return simple.replace(/(?:(?:Task|Fault|Workload)?Spec)$/, "") || simple;
}
