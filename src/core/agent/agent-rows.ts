// The agent's rows on disk, and back. Table `worker` has each worker from before it starts, with
// how it ended once it has; `tombstone` the ids that must not start anything.

import type { Row, RowUpdate } from "../row-change.ts";
import type { SpecData } from "../spec-data.ts";
import type { Tombstone } from "./agent-state.ts";
import type { AgentWorker } from "./worker-transitions.ts";

export function workerRow(worker: AgentWorker): RowUpdate {
  const { className, startMs, durationMs, text } = worker.spec;
  const value = {
    ...worker,
    id: undefined,
    spec: { className, startMs: String(startMs), durationMs, text },
  };
  return { table: "worker", key: String(worker.id), value: JSON.stringify(value) };
}

export function noWorkerRow(id: bigint): RowUpdate {
  return { table: "worker", key: String(id), value: undefined };
}

export function tombstoneRow(tombstone: Tombstone): RowUpdate {
  const value = JSON.stringify({ ...tombstone, workerId: undefined });
  return { table: "tombstone", key: String(tombstone.workerId), value };
}

export function noTombstoneRow(id: bigint): RowUpdate {
  return { table: "tombstone", key: String(id), value: undefined };
}

type WorkerValue = Omit<AgentWorker, "id" | "spec" | "destroyedBy"> & {
  readonly spec: Omit<SpecData, "startMs"> & { readonly startMs: string };
  readonly destroyedBy?: string;
};

export function readWorker(row: Row): AgentWorker {
  const value = JSON.parse(row.value) as WorkerValue;
  const spec = { ...value.spec, startMs: BigInt(value.spec.startMs) };
  return { ...value, id: BigInt(row.key), spec, destroyedBy: value.destroyedBy };
}

export function readTombstone(row: Row): Tombstone {
  const value = JSON.parse(row.value) as Omit<Tombstone, "workerId">;
  return { ...value, workerId: BigInt(row.key) };
}
