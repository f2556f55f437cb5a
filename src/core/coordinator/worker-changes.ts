// What a change of one worker means for its task, for the other workers of the task and for the
// node: the first error stops the others, the last end ends the task.

import { workerRow } from "./coordinator-rows.ts";
import { callAgent } from "./node-calls.ts";
import { type TaskEvent, type TaskRecord, taskStep } from "./task-transitions.ts";
import { nodeOf, putTask, removeWorker, type Turn } from "./turn.ts";
import { type WorkerEvent, type WorkerRecord, workerStep } from "./worker-transitions.ts";

/** Steps a worker and everything that follows from it; answers the worker as it is then. */
export function changeWorker(turn: Turn, worker: WorkerRecord, event: WorkerEvent): WorkerRecord {
  const next = workerStep(worker, event);
  if (next === worker) return worker;
  turn.state.workers.set(next.id, next);
  const task = turn.state.tasks.get(next.taskId);
  const isOwned = next.wanted !== "forget" && task !== undefined;
  if (isOwned && (next.phase !== worker.phase || next.status !== worker.status)) {
    turn.shown.add(next.taskId);
  }
  if (isOwned && next.phase === "DONE" && worker.phase !== "DONE") {
    nodeOf(turn, next)?.open.delete(next.id);
    turn.changes.push(workerRow(next));
    const { nowMs } = turn.moment;
    changeTask(turn, task, { type: "workerDone", nowMs, error: taskError(task, next) });
  }
  return next;
}

/** Of several nodes the error tells which one; the reference's text comes first. */
function taskError({ workers }: TaskRecord, { node, error }: WorkerRecord): string {
  const isNamed = workers.length === 1 || error.includes(`node ${node}`);
  return error === "" || isNamed ? error : `${error} (node ${node})`;
}

export function changeTask(turn: Turn, task: TaskRecord, event: TaskEvent): void {
  const next = taskStep(task, event);
  if (next === task) return;
  putTask(turn, task, next);
  if (next.state === "STOPPING" && task.state !== "STOPPING") stopWorkers(turn, next);
}

/** Stops the workers of a task that run, or may run; whoever never ran is over with that. */
function stopWorkers(turn: Turn, task: TaskRecord): void {
  for (const [, id] of task.workers) {
    const worker = turn.state.workers.get(id);
    if (worker === undefined || worker.phase === "DONE") continue;
    const next = changeWorker(turn, worker, { type: "stopWanted", nowMs: turn.moment.nowMs });
    askToStop(turn, next);
  }
}

/**
 * A node that does not answer is asked when it does again. Also who is ending, because its time is
 * over, is told: it need not take as long then.
 */
function askToStop(turn: Turn, worker: WorkerRecord): void {
  const node = nodeOf(turn, worker);
  if (worker.phase !== "DONE" && node?.isAnswering) callAgent(turn, node, worker.id, "stop");
}

/** Its task is gone: the worker ends, and then the node forgets it. */
export function forgetWorker(turn: Turn, worker: WorkerRecord): void {
  const node = nodeOf(turn, worker);
  const isNowhere = worker.phase === "UNSENT" || worker.isGone || node === undefined;
  if (isNowhere) {
    removeWorker(turn, worker);
    return;
  }
  const next = workerStep(worker, { type: "forgetWanted", nowMs: turn.moment.nowMs });
  const { state } = turn;
  state.workers.set(next.id, next);
  state.forgotten.add(next.id);
  turn.changes.push(workerRow(next));
  node.open.add(next.id);
  if (next.phase === "DONE" && node.isAnswering) callAgent(turn, node, next.id, "destroy");
  else askToStop(turn, next);
  const [oldest] = state.forgotten;
  if (state.forgotten.size > state.options.forgottenMax && oldest !== undefined) {
    removeWorker(turn, state.workers.get(oldest)!);
  }
}
