// A simulated disk with a store on it. A commit is a record at the end of a log; a crash cuts it
// anywhere behind the last sync, also in the middle of a record, as a disk does with what it was
// not told to keep; a reader leaves out a record that is not whole. Everything follows from the
// random numbers and sleeps that it was given.

import { rowName, sortChanges } from "./row-changes.ts";
import type { RowChange, Store, StoredRow } from "./store.ts";
import { storeError } from "./store-error.ts";

export interface SimulatedDiskOptions {
  /** From 0 up to 1. */
  random(): number;
  /** Resolves when the simulated time has passed. */
  sleep(ms: number): Promise<void>;
  /** How long one sync takes. */
  syncMs(): number;
  /** Called when a commit was written and is not synced yet. */
  onWrite?(): void;
  /** True when this commit fails as on a full or broken disk; never by default. */
  failsNext?(): boolean;
}

export interface SimulatedDisk {
  /** Opens the store of a daemon that starts; what a crash tore is left out. */
  open(): Store;
  /** The power fails or the machine dies: what was not synced is lost, torn, or there by luck. */
  crash(): void;
  /** The process dies and the machine lives: everything written is there, synced or not. */
  killProcess(): void;
  /** How often something happened to what was on the disk. */
  readonly counts: SimulatedDiskCounts;
}

export interface SimulatedDiskCounts {
  lostCommits: number;
  tornCommits: number;
  /** Not synced and there all the same. */
  luckyCommits: number;
  failedCommits: number;
}

interface LogRecord {
  readonly changes: readonly RowChange[];
  readonly sizeBytes: number;
  /** False when a crash left a part of it; a reader notices by its checksum. */
  readonly isWhole: boolean;
}

export function simulatedDisk(options: SimulatedDiskOptions): SimulatedDisk {
  let log: LogRecord[] = [];
  let syncedCount = 0;
  let generation = 0;
  const counts: SimulatedDiskCounts = {
    lostCommits: 0,
    tornCommits: 0,
    luckyCommits: 0,
    failedCommits: 0,
  };

  function crash(): void {
    generation += 1;
    const unsynced = log.splice(syncedCount);
    const sizeBytes = unsynced.reduce((sum, record) => sum + record.sizeBytes, 0);
    // Nothing of it, all of it, or any part of it.
    const fate = options.random() * 3;
    let left = Math.floor(sizeBytes * (fate < 1 ? 0 : fate < 2 ? 1 : fate - 2));
    for (const record of unsynced) {
      if (left >= record.sizeBytes) {
        log.push(record);
        counts.luckyCommits += 1;
      } else if (left > 0) {
        log.push({ ...record, isWhole: false });
        counts.tornCommits += 1;
      } else counts.lostCommits += 1;
      left = Math.max(0, left - record.sizeBytes);
    }
    syncedCount = log.length;
  }

  /** As SQLite does with its log: the first record that is not whole ends it. */
  function recover(): void {
    const torn = log.findIndex((record) => !record.isWhole);
    if (torn >= 0) log = log.slice(0, torn);
    syncedCount = Math.min(syncedCount, log.length);
  }

  function open(): Store {
    generation += 1;
    const own = generation;
    recover();
    let last: Promise<unknown> = Promise.resolve();
    const check = () => {
      if (own !== generation) throw storeError("closed", "(simulated)", "");
    };
    const append = async (changes: readonly RowChange[]) => {
      check();
      if (options.failsNext?.()) {
        counts.failedCommits += 1;
        throw storeError("full", "(simulated)", "simulated");
      }
      log.push({ changes, sizeBytes: sizeOf(changes), isWhole: true });
      const wantedCount = log.length;
      options.onWrite?.();
      await options.sleep(options.syncMs());
      if (own !== generation) return await new Promise<never>(() => {});
      syncedCount = wantedCount;
    };
    return {
      // What a killed process wrote and did not sync is there now; it must not vanish later, when
      // somebody has acted on it.
      load: async () => {
        check();
        await options.sleep(options.syncMs());
        check();
        syncedCount = log.length;
        return rowsOf(log);
      },
      commit(changes) {
        if (changes.length === 0) return Promise.resolve();
        const done = last.then(() => append(changes));
        last = done.catch(() => {});
        return done;
      },
      close: async () => {
        await last;
        if (own === generation) generation += 1;
      },
    };
  }

  return {
    open,
    crash,
    killProcess() {
      generation += 1;
    },
    counts,
  };
}

function sizeOf(changes: readonly RowChange[]): number {
  return changes.reduce((sum, { table, key, value }) => {
    return sum + table.length + key.length + (value?.length ?? 0) + 8;
  }, 16);
}

function rowsOf(log: readonly LogRecord[]): StoredRow[] {
  const rows = new Map<string, StoredRow>();
  for (const record of log) {
    const { written, deleted } = sortChanges(record.changes);
    for (const row of written) rows.set(rowName(row), row);
    for (const [table, keys] of deleted) {
      for (const key of keys) rows.delete(rowName({ table, key }));
    }
  }
  return [...rows.values()];
}
