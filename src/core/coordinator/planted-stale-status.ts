// The planted bug staleStatusOverwritesDone: a report of a worker that is over makes it, and its
// task, run again. Only the simulator asks for it.

import type { WorkerState } from "../worker-state.ts";
import { nodeOf, putTask, type Turn } from "./turn.ts";
import type { WorkerRecord } from "./worker-transitions.ts";

export function overwriteDone(
  turn: Turn,
  worker: WorkerRecord,
  reported: WorkerState,
): WorkerRecord {
  const { state } = turn;
  const task = state.tasks.get(worker.taskId);
  const isStale = worker.phase === "DONE" && reported.state !== "DONE";
  if (!isStale || task === undefined || worker.wanted === "forget") return worker;
  const { state: phase } = reported;
  const status = reported.state === "STARTING" ? worker.status : reported.status;
  const revived: WorkerRecord = { ...worker, phase, status, wanted: "run", error: "" };
  state.workers.set(worker.id, revived);
  nodeOf(turn, worker)?.open.add(worker.id);
  state.finished.delete(task.serial);
  const activeWorkers = task.activeWorkers + 1;
  putTask(turn, task, { ...task, state: "RUNNING", doneMs: -1, error: "", activeWorkers });
  return revived;
}
