// One step of the coordinator in the making: the state it may change, and what it has gathered so
// far. Every change of a task or worker goes through here, so indexes, rows and what readers see
// cannot come apart.

import type { Moment } from "../moment.ts";
import type { RowUpdate } from "../row-change.ts";
import { taskStateOf } from "./combined-status.ts";
import type { CoordinatorEffect } from "./coordinator-events.ts";
import { noTaskRow, noWorkerRow, taskRow } from "./coordinator-rows.ts";
import type { CoordinatorState, NodeRecord } from "./coordinator-state.ts";
import type { TaskRecord } from "./task-transitions.ts";
import type { WorkerRecord } from "./worker-transitions.ts";

export interface Turn {
  readonly state: CoordinatorState;
  readonly moment: Moment;
  readonly effects: CoordinatorEffect[];
  readonly changes: RowUpdate[];
  /** Tasks that readers must see anew. */
  readonly shown: Set<string>;
  /** Answers stand behind everything else, above all behind what readers see. */
  readonly answers: CoordinatorEffect[];
}

export function newTurn(state: CoordinatorState, moment: Moment): Turn {
  return { state, moment, effects: [], changes: [], shown: new Set(), answers: [] };
}

export function effectsOf(turn: Turn): CoordinatorEffect[] {
  const shows = [...turn.shown].map((taskId): CoordinatorEffect => {
    const task = turn.state.tasks.get(taskId);
    const shown = task === undefined ? undefined : taskStateOf(task, turn.state.workers);
    return { type: "show", taskId, task: shown };
  });
  return [...shows, ...turn.answers, ...turn.effects];
}

/** Keeps a task in its new form. */
export function putTask(turn: Turn, before: TaskRecord | undefined, task: TaskRecord): void {
  const { state } = turn;
  if (before !== undefined) state.counts[before.state] -= 1;
  state.counts[task.state] += 1;
  state.tasks.set(task.id, task);
  turn.shown.add(task.id);
  if (task.state !== "PENDING") state.starts.delete(task.id);
  if (task.state === "DONE") state.finished.set(task.serial, task.id);
  const { error, cancelled } = before ?? {};
  const isStored =
    before?.state === task.state && error === task.error && cancelled === task.cancelled;
  if (!isStored) turn.changes.push(taskRow(task));
}

export function removeTask(turn: Turn, task: TaskRecord): void {
  const { state } = turn;
  state.counts[task.state] -= 1;
  state.tasks.delete(task.id);
  state.starts.delete(task.id);
  state.finished.delete(task.serial);
  state.archiving.delete(task.serial);
  turn.shown.add(task.id);
  turn.changes.push(noTaskRow(task.id));
}

export function removeWorker(turn: Turn, worker: WorkerRecord): void {
  const { state } = turn;
  state.workers.delete(worker.id);
  state.forgotten.delete(worker.id);
  nodeOf(turn, worker)?.open.delete(worker.id);
  turn.changes.push(noWorkerRow(worker.id));
}

/** Undefined after a restart with a configuration that lacks the node. */
export function nodeOf(turn: Turn, worker: WorkerRecord): NodeRecord | undefined {
  return turn.state.nodes.get(worker.node);
}
