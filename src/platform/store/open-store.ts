// Opens the store that --state-dir names. SQLite is loaded only when it is needed.

import { memoryStore } from "./memory-store.ts";
import type { Store } from "./store.ts";

export interface OpenStoreOptions {
  /** A folder, made when it is missing, or `none`: in memory, for as long as the daemon runs. */
  readonly dir: string;
  /** Whose it is, in words; a folder that is somebody else's is refused. */
  readonly owner?: string;
}

export async function openStore({ dir, owner }: OpenStoreOptions): Promise<Store> {
  if (dir === "none") return memoryStore();
  const { openSqliteStore } = await import("./sqlite-store.ts");
  return await openSqliteStore({ folder: dir, owner });
}
