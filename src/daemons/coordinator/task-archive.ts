// Where finished tasks go when the coordinator drops them: one line of JSON for each, the task's id
// and state as the REST API shows it. Keeping the file within its bound is its owner's business.

import type { ArchivedTask } from "../../core/coordinator/coordinator-events.ts";

export interface TaskArchive {
  /** Lines without their ends. Resolves when they are kept. */
  append(lines: readonly string[]): Promise<void>;
}

export function archiveLine({ id, task }: ArchivedTask): string {
  const { state, spec, status } = task;
  const rest =
    task.state === "DONE"
      ? { startedMs: task.startedMs, doneMs: task.doneMs, cancelled: task.cancelled }
      : {};
  const error = task.state === "DONE" && task.error !== "" ? { error: task.error } : {};
  const head = JSON.stringify({ id, state, ...rest, ...error }).slice(0, -1);
  const tail = status === undefined ? "" : `,"status":${status}`;
  return `${head},"spec":${spec.text}${tail}}`;
}
