// How long finished tasks are kept: the newest `retainTasks`, none for longer than `retainForMs`.
// Where there is an archive, a task leaves only when the archive has it.

import { taskStateOf } from "./combined-status.ts";
import type { ArchivedTask } from "./coordinator-events.ts";
import type { CoordinatorState } from "./coordinator-state.ts";
import { dropTask } from "./task-requests.ts";
import type { Turn } from "./turn.ts";

/** Tasks that leave in one step; the next step takes the rest. */
const droppedMax = 1000;

export function dropOldTasks(turn: Turn): void {
  const { state } = turn;
  const archived: ArchivedTask[] = [];
  for (const [serial, id] of oldTasks(state, turn.moment.nowMs)) {
    const task = state.tasks.get(id)!;
    if (!state.options.archives) {
      dropTask(turn, task);
      continue;
    }
    archived.push({ id, serial, task: taskStateOf(task, state.workers) });
    if (state.options.plantedBugs.has("dropBeforeArchive")) dropTask(turn, task);
    else state.archiving.add(serial);
  }
  if (archived.length > 0) turn.effects.push({ type: "archive", tasks: archived });
}

export function dropArchived(turn: Turn, serials: readonly number[]): void {
  const { state } = turn;
  for (const serial of serials) {
    const id = state.finished.get(serial);
    if (id !== undefined) dropTask(turn, state.tasks.get(id)!);
  }
}

/** When the oldest task is to leave by its age; Infinity when none is. */
export function nextDropMs(state: CoordinatorState): number {
  for (const [serial, id] of state.finished) {
    if (!state.archiving.has(serial)) return expiryMs(state, id);
  }
  return Number.POSITIVE_INFINITY;
}

function oldTasks(state: CoordinatorState, nowMs: number): (readonly [number, string])[] {
  const old: (readonly [number, string])[] = [];
  let left = state.finished.size - state.archiving.size;
  const keep = state.options.retainTasks;
  for (const [serial, id] of state.finished) {
    if (state.archiving.has(serial)) continue;
    if (left <= keep && expiryMs(state, id) > nowMs) break;
    if (old.length >= droppedMax) break;
    old.push([serial, id]);
    left -= 1;
  }
  return old;
}

function expiryMs(state: CoordinatorState, id: string): number {
  return state.tasks.get(id)!.doneMs + state.options.retainForMs;
}
