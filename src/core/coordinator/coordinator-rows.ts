// The coordinator's rows on disk, and back. Table `coordinator` has its id and its next worker id,
// `task` every task with the ids of its workers, `worker` what became of a worker: how it ended, or
// that it is to be forgotten. A worker without a row had not ended.

import type { Row, RowUpdate } from "../row-change.ts";
import type { SpecData } from "../spec-data.ts";
import type { TaskStateName } from "../task-state.ts";
import { TrogdorError } from "../trogdor-error.ts";
import type { CoordinatorState } from "./coordinator-state.ts";
import type { TaskRecord } from "./task-transitions.ts";
import type { WorkerRecord } from "./worker-transitions.ts";

const format = 1;

export interface StoredSelf {
  readonly coordinatorId: string;
  readonly nextWorkerId: bigint;
}

export interface StoredWorker {
  readonly id: bigint;
  readonly taskId: string;
  readonly node: string;
  readonly isDone: boolean;
  readonly isForgotten: boolean;
  readonly status: string | undefined;
  readonly error: string;
}

export function selfRow(state: CoordinatorState): RowUpdate {
  const { coordinatorId, nextWorkerId } = state;
  const value = { format, coordinatorId, nextWorkerId: String(nextWorkerId) };
  return { table: "coordinator", key: "self", value: JSON.stringify(value) };
}

export function taskRow(task: TaskRecord): RowUpdate {
  const value = {
    serial: task.serial,
    state: task.state,
    submittedStartMs: String(task.submittedStartMs),
    spec: specValue(task.spec),
    ...(task.workerSpec === undefined ? {} : { workerSpec: specValue(task.workerSpec) }),
    startedMs: task.startedMs,
    doneMs: task.doneMs,
    error: task.error,
    cancelled: task.cancelled,
    workers: task.workers.map(([node, id]) => [node, String(id)]),
  };
  return { table: "task", key: task.id, value: JSON.stringify(value) };
}

function specValue({ className, startMs, durationMs, text }: SpecData): SpecValue {
  return { className, startMs: String(startMs), durationMs, text };
}

export function workerRow(worker: WorkerRecord): RowUpdate {
  const value = {
    taskId: worker.taskId,
    node: worker.node,
    isDone: worker.phase === "DONE",
    isForgotten: worker.wanted === "forget",
    status: worker.status,
    error: worker.error,
  };
  return { table: "worker", key: String(worker.id), value: JSON.stringify(value) };
}

export function noTaskRow(id: string): RowUpdate {
  return { table: "task", key: id, value: undefined };
}

export function noWorkerRow(id: bigint): RowUpdate {
  return { table: "worker", key: String(id), value: undefined };
}

interface SelfValue {
  readonly format: number;
  readonly coordinatorId: string;
  readonly nextWorkerId: string;
}

type SpecValue = Omit<SpecData, "startMs"> & { readonly startMs: string };

interface TaskValue {
  readonly serial: number;
  readonly state: TaskStateName;
  readonly submittedStartMs: string;
  readonly spec: SpecValue;
  readonly workerSpec?: SpecValue;
  readonly startedMs: number;
  readonly doneMs: number;
  readonly error: string;
  readonly cancelled: boolean;
  readonly workers: readonly [string, string][];
}

export function readSelf(row: Row): StoredSelf {
  const value = JSON.parse(row.value) as SelfValue;
  if (value.format > format) {
    throw new TrogdorError(
      "configuration",
      `the state folder was written by a newer version (format ${value.format}, this version ` +
        `knows ${format}); start that version, or choose another folder with --state-dir`,
    );
  }
  const { coordinatorId, nextWorkerId } = value;
  return { coordinatorId, nextWorkerId: BigInt(nextWorkerId) };
}

export function readTask(row: Row): TaskRecord {
  const value = JSON.parse(row.value) as TaskValue;
  const { workerSpec, ...others } = value;
  return {
    ...others,
    ...(workerSpec === undefined ? {} : { workerSpec: readSpec(workerSpec) }),
    id: row.key,
    submittedStartMs: BigInt(value.submittedStartMs),
    spec: readSpec(value.spec),
    workers: value.workers.map(([node, id]) => [node, BigInt(id)]),
    activeWorkers: 0,
  };
}

function readSpec(value: SpecValue): SpecData {
  return { ...value, startMs: BigInt(value.startMs) };
}

export function readWorker(row: Row): StoredWorker {
  const value = JSON.parse(row.value) as Omit<StoredWorker, "id">;
  return { ...value, id: BigInt(row.key), status: value.status };
}
