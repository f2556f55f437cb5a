// Which tasks a listing shows. All conditions must hold; the times are the real ones, -1 while
// unset, so a PENDING task passes no start filter and an unfinished one no end filter.

import type { TaskState, TaskStateName } from "../task-state.ts";

export interface TaskFilter {
  /** Empty: all. */
  readonly taskIds: ReadonlySet<string>;
  /** 0 and below: no limit. */
  readonly firstStartMs: number;
  readonly lastStartMs: number;
  readonly firstEndMs: number;
  readonly lastEndMs: number;
  readonly state: TaskStateName | undefined;
}

export function matchesFilter(filter: TaskFilter, id: string, task: TaskState): boolean {
  if (filter.taskIds.size > 0 && !filter.taskIds.has(id)) return false;
  if (filter.state !== undefined && filter.state !== task.state) return false;
  const startedMs = task.state === "PENDING" ? -1 : task.startedMs;
  const doneMs = task.state === "DONE" ? task.doneMs : -1;
  return (
    isWithin(startedMs, filter.firstStartMs, filter.lastStartMs) &&
    isWithin(doneMs, filter.firstEndMs, filter.lastEndMs)
  );
}

function isWithin(timeMs: number, firstMs: number, lastMs: number): boolean {
  if (firstMs > 0 && timeMs < firstMs) return false;
  return lastMs <= 0 || (timeMs >= 0 && timeMs <= lastMs);
}
