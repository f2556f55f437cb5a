// The tasks as readers see them: what is on disk, sorted by id. A new task is put in its place when
// it comes, so a listing sorts nothing.

import { matchesFilter, type TaskFilter } from "../../core/coordinator/task-filter.ts";
import type { TaskState } from "../../core/task-state.ts";

export interface TaskView {
  set(id: string, task: TaskState | undefined): void;
  get(id: string): TaskState | undefined;
  matching(filter: TaskFilter): Iterable<readonly [string, TaskState]>;
  unfinishedIds(): string[];
}

export function createTaskView(): TaskView {
  const tasks = new Map<string, TaskState>();
  const sortedIds: string[] = [];

  function* matching(filter: TaskFilter): Iterable<readonly [string, TaskState]> {
    const ids = filter.taskIds.size > 0 ? [...filter.taskIds].sort() : sortedIds;
    for (const id of ids) {
      const task = tasks.get(id);
      if (task !== undefined && matchesFilter(filter, id, task)) yield [id, task];
    }
  }

  return {
    set(id, task) {
      if (task !== undefined) {
        if (!tasks.has(id)) sortedIds.splice(placeOf(sortedIds, id), 0, id);
        tasks.set(id, task);
      } else if (tasks.delete(id)) sortedIds.splice(placeOf(sortedIds, id), 1);
    },
    get: (id) => tasks.get(id),
    matching,
    unfinishedIds: () => sortedIds.filter((id) => tasks.get(id)?.state !== "DONE"),
  };
}

/** The index of the first id that is not before this one. */
function placeOf(sortedIds: readonly string[], id: string): number {
  let low = 0;
  let high = sortedIds.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sortedIds[middle]! < id) low = middle + 1;
    else high = middle;
  }
  return low;
}
