// The coordinator's state from its rows, after a restart. A worker that had not ended may have been
// sent: the first poll of its node tells. A worker whose node the configuration no longer has is
// over, with an error that says so.

import type { Moment } from "../moment.ts";
import type { Row, RowUpdate } from "../row-change.ts";
import { readSelf, readTask, readWorker, type StoredWorker, selfRow } from "./coordinator-rows.ts";
import { type CoordinatorState, type NewCoordinator, newCoordinator } from "./coordinator-state.ts";
import type { TaskRecord } from "./task-transitions.ts";
import { newTurn, removeWorker, type Turn } from "./turn.ts";
import { changeWorker } from "./worker-changes.ts";
import { newWorker, type WorkerRecord } from "./worker-transitions.ts";

export interface Recovered {
  readonly state: CoordinatorState;
  /** To be on disk before the first event. */
  readonly changes: readonly RowUpdate[];
}

export function recoverCoordinator(rows: readonly Row[], fresh: NewCoordinator): Recovered {
  const self = rows.filter((row) => row.table === "coordinator").map(readSelf)[0];
  const state = newCoordinator({ ...fresh, ...self });
  const moment: Moment = { nowMs: fresh.nowMs, monotonicMs: fresh.monotonicMs };
  const turn = newTurn(state, moment);
  if (self === undefined) turn.changes.push(selfRow(state));
  const stored = new Map<bigint, StoredWorker>();
  for (const row of rows) {
    if (row.table !== "worker") continue;
    const worker = readWorker(row);
    stored.set(worker.id, worker);
  }
  const tasks = rows.filter((row) => row.table === "task").map(readTask);
  tasks.sort((a, b) => a.serial - b.serial);
  for (const task of tasks) recoverTask(turn, task, stored);
  const finished = tasks.filter((task) => task.state === "DONE");
  finished.sort((a, b) => a.doneMs - b.doneMs || a.serial - b.serial);
  for (const task of finished) state.finished.set(task.serial, task.id);
  for (const worker of [...stored.values()].sort((a, b) => (a.id < b.id ? -1 : 1))) {
    recoverForgotten(turn, worker);
  }
  endUnplaced(turn, tasks);
  return { state, changes: turn.changes };
}

function recoverTask(
  turn: Turn,
  task: TaskRecord,
  stored: ReadonlyMap<bigint, StoredWorker>,
): void {
  const { state } = turn;
  let activeWorkers = 0;
  for (const [node, id] of task.workers) {
    const worker = recoveredWorker(task, node, id, stored.get(id));
    state.workers.set(id, worker);
    if (worker.phase === "DONE") continue;
    activeWorkers += 1;
    state.nodes.get(node)?.open.add(id);
  }
  state.tasks.set(task.id, { ...task, activeWorkers });
  state.counts[task.state] += 1;
  if (task.state === "PENDING") state.starts.set(task.id, Number(task.spec.startMs));
  state.nextSerial = Math.max(state.nextSerial, task.serial + 1);
}

function recoveredWorker(
  task: TaskRecord,
  node: string,
  id: bigint,
  stored: StoredWorker | undefined,
): WorkerRecord {
  const worker = newWorker(id, task.id, node);
  if (stored?.isDone) {
    return { ...worker, phase: "DONE", status: stored.status, error: stored.error };
  }
  return task.state === "STOPPING"
    ? { ...worker, phase: "SENT", wanted: "stop", stopMs: 0 }
    : { ...worker, phase: "SENT" };
}

function recoverForgotten(turn: Turn, stored: StoredWorker): void {
  const { state } = turn;
  if (!stored.isForgotten) return;
  const phase = stored.isDone ? "DONE" : "SENT";
  const worker = newWorker(stored.id, stored.taskId, stored.node);
  state.workers.set(stored.id, { ...worker, phase, wanted: "forget", stopMs: 0 });
  state.forgotten.add(stored.id);
  const node = state.nodes.get(stored.node);
  if (node === undefined) removeWorker(turn, worker);
  else node.open.add(stored.id);
}

/** Ends the workers that no node of the configuration can have. */
function endUnplaced(turn: Turn, tasks: readonly TaskRecord[]): void {
  for (const { workers } of tasks) {
    for (const [node, id] of workers) {
      if (turn.state.nodes.has(node)) continue;
      const error = `node ${node} is no longer in the configuration`;
      changeWorker(turn, turn.state.workers.get(id)!, { type: "lost", error });
    }
  }
}
