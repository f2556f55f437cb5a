// How a task is doing, in one line: what its type reads out of its status, else its state.

import type { TaskState } from "../../../core/task-state.ts";
import type { Progress } from "../../../tasks/define-task.ts";
import { findTaskType } from "../../../tasks/find-task-type.ts";
import { parseTaskSpec } from "../../../tasks/parse-task-spec.ts";
import { progressLine } from "../../exec/progress-line.ts";
import { elapsedText } from "../../exec/quantities.ts";
import { statusProgress } from "./nodes-progress.ts";

/** A line has room for everything; whoever shows it cuts it. */
const anyWidth = 400;

export function progressText(id: string, task: TaskState, nowMs: number): string {
  const head = `${id} ${task.state}`;
  if (task.state === "PENDING") {
    return `${head}, starts in ${elapsedText(Math.max(0, Number(task.spec.startMs) - nowMs))}`;
  }
  if (task.state === "DONE") return head;
  const { spec } = task;
  const endMs = Number(spec.startMs) + spec.durationMs;
  const moment = {
    progress: progressOf(task),
    elapsedMs: Math.max(0, nowMs - task.startedMs),
    remainingMs: Math.max(0, endMs - nowMs),
    isStopping: task.state === "STOPPING",
  };
  return `${head}  ${progressLine(moment, anyWidth)}`;
}

/** Nothing for a class that is not known here. */
function progressOf({ spec, status }: Exclude<TaskState, { state: "PENDING" }>): Progress {
  const type = findTaskType(spec.className);
  if (type?.progress === undefined || status === undefined) return {};
  try {
    const parsed = parseTaskSpec(spec.text).spec;
    return statusProgress(JSON.parse(status), (part) => type.progress?.(part, parsed) ?? {});
  } catch {
    return {};
  }
}
