// The workers as readers see them: what is on disk, sorted by id. A snapshot is made once for all
// readers between two changes, and does not change under a reader's hands.

import type { WorkerState } from "../../core/worker-state.ts";

export interface WorkerView {
  set(id: bigint, worker: WorkerState | undefined): void;
  workers(): ReadonlyMap<bigint, WorkerState>;
  unfinishedIds(): bigint[];
}

export function createWorkerView(): WorkerView {
  const workers = new Map<bigint, WorkerState>();
  let snapshot: ReadonlyMap<bigint, WorkerState> | undefined;

  function sorted(): ReadonlyMap<bigint, WorkerState> {
    snapshot ??= new Map([...workers].sort(([a], [b]) => (a < b ? -1 : 1)));
    return snapshot;
  }

  return {
    set(id, worker) {
      snapshot = undefined;
      if (worker === undefined) workers.delete(id);
      else workers.set(id, worker);
    },
    workers: sorted,
    unfinishedIds() {
      return [...sorted()].filter(([, { state }]) => state !== "DONE").map(([id]) => id);
    },
  };
}
