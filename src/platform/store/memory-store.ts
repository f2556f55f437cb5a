// The store of `--state-dir none`: keeps nothing once the daemon has ended.

import { rowName } from "./row-changes.ts";
import type { Store, StoredRow } from "./store.ts";
import { storeError } from "./store-error.ts";

export function memoryStore(): Store {
  const rows = new Map<string, StoredRow>();
  let isClosed = false;
  const check = () => {
    if (isClosed) throw storeError("closed", "none", "");
  };
  return {
    async load() {
      check();
      return [...rows.values()];
    },
    async commit(changes) {
      check();
      for (const { table, key, value } of changes) {
        if (value === undefined) rows.delete(rowName({ table, key }));
        else rows.set(rowName({ table, key }), { table, key, value });
      }
    },
    async close() {
      isClosed = true;
    },
  };
}
