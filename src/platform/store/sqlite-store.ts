// The real store: SQLite in the state folder, through Bun's SQL client so that another database of
// that client can follow (docs/decisions/0006). A commit is one transaction and one sync of the
// write-ahead log (synchronous=FULL). The database is locked for as long as it is open, by a lock
// that ends with the process: two daemons cannot share a folder, and a killed one leaves no lock.

import { join } from "node:path";
import { SQL } from "bun";
import { fromDatabaseText, toDatabaseText } from "./database-text.ts";
import { slices, sortChanges } from "./row-changes.ts";
import {
  makePrivateFile,
  makeStateFolder,
  readHolder,
  syncFolder,
  writeHolder,
} from "./state-folder.ts";
import type { RowChange, Store, StoredRow } from "./store.ts";
import { asStoreError, storeError, troubleOf } from "./store-error.ts";

export const storeFile = "state.db";

/** Raised when the tables change; a folder with a higher one is refused. */
export const storeVersion = 1;

/** A longer log is moved into the database by the commit that made it so. */
const logPagesMax = 512;
const logSizeBytesMax = logPagesMax * 4096;

/** Far below SQLite's 32,766 parameters in a statement, and PostgreSQL's 65,535. */
const rowsPerStatementMax = 1000;

export interface SqliteStoreOptions {
  readonly folder: string;
  /** Whose the folder is, in words; one that is somebody else's is refused. */
  readonly owner?: string | undefined;
}

export async function openSqliteStore(options: SqliteStoreOptions): Promise<Store> {
  const { folder, owner } = options;
  makeStateFolder(folder);
  const path = join(folder, storeFile);
  try {
    makePrivateFile(path);
  } catch (error) {
    throw asStoreError(error, folder);
  }
  const sql = new SQL({ adapter: "sqlite", filename: path, create: true });
  try {
    await prepare(sql, folder, owner);
  } catch (error) {
    await sql.close();
    if (troubleOf(error) === "locked")
      throw storeError("locked", folder, readHolder(folder), error);
    throw asStoreError(error, folder);
  }
  return sqliteStore(sql, folder);
}

async function prepare(sql: SQL, folder: string, owner: string | undefined): Promise<void> {
  await sql.unsafe("PRAGMA locking_mode = EXCLUSIVE");
  await sql.unsafe("PRAGMA journal_mode = WAL");
  await sql.unsafe("PRAGMA synchronous = FULL");
  await sql.unsafe(`PRAGMA wal_autocheckpoint = ${logPagesMax}`);
  await sql.unsafe(`PRAGMA journal_size_limit = ${logSizeBytesMax}`);
  await sql.begin(async (transaction) => {
    await makeTables(transaction, folder);
    if (owner !== undefined) await claim(transaction, folder, owner);
  });
  // A killed predecessor may have written commits that it did not live to sync. They are read now
  // and acted on, so they must not be lost later.
  await sql.unsafe("PRAGMA wal_checkpoint(TRUNCATE)");
  writeHolder(folder);
  syncFolder(folder);
}

async function makeTables(sql: SQL, folder: string): Promise<void> {
  await sql`CREATE TABLE IF NOT EXISTS store_version (version INTEGER NOT NULL)`;
  const found: { version: number }[] = await sql`SELECT version FROM store_version`;
  const version = found[0]?.version;
  if (version === undefined) await sql`INSERT INTO store_version VALUES (${storeVersion})`;
  else if (version > storeVersion) {
    const detail = `its format is ${version}, this version reads up to ${storeVersion}`;
    throw storeError("newer", folder, detail);
  }
  await sql`
    CREATE TABLE IF NOT EXISTS stored_rows (
      owner TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (owner, key)
    ) WITHOUT ROWID`;
}

/** The rows of another daemon would be taken for this one's. */
async function claim(sql: SQL, folder: string, owner: string): Promise<void> {
  await sql`CREATE TABLE IF NOT EXISTS store_owner (owner TEXT NOT NULL)`;
  const found: { owner: string }[] = await sql`SELECT owner FROM store_owner`;
  const known = found[0]?.owner;
  if (known === undefined) await sql`INSERT INTO store_owner VALUES (${toDatabaseText(owner)})`;
  else if (known !== toDatabaseText(owner)) {
    throw storeError("foreign", folder, fromDatabaseText(known));
  }
}

function sqliteStore(sql: SQL, folder: string): Store {
  let last: Promise<unknown> = Promise.resolve();
  let isClosed = false;
  // One connection holds one transaction: calls stand in line.
  const inLine = <T>(work: () => Promise<T>): Promise<T> => {
    const done = last.then(async () => {
      if (isClosed) throw storeError("closed", folder, "");
      return await work();
    });
    last = done.catch(() => {});
    return done.catch((error: unknown) => {
      throw asStoreError(error, folder);
    });
  };
  return {
    load: () => inLine(async () => await read(sql)),
    commit(changes) {
      if (changes.length === 0) return Promise.resolve();
      return inLine(async () => {
        await sql.begin(async (transaction) => await write(transaction, changes));
        await nextTurn();
      });
    },
    close: async () => {
      await last;
      if (isClosed) return;
      isClosed = true;
      await sql.close();
    },
  };
}

/**
 * The sync held up everything. Whatever came in meanwhile is taken in before the caller goes on, so
 * that its next commit is one for all of that.
 */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

async function read(sql: SQL): Promise<StoredRow[]> {
  const rows: StoredRow[] = await sql`SELECT owner AS "table", key, value FROM stored_rows`;
  return rows.map(({ table, key, value }) => {
    return { table, key: fromDatabaseText(key), value: fromDatabaseText(value) };
  });
}

async function write(sql: SQL, changes: readonly RowChange[]): Promise<void> {
  const { written, deleted } = sortChanges(changes);
  for (const slice of slices(written, rowsPerStatementMax)) {
    const rows = slice.map(({ table, key, value }) => {
      return { owner: table, key: toDatabaseText(key), value: toDatabaseText(value) };
    });
    await sql`
      INSERT INTO stored_rows ${sql(rows)}
      ON CONFLICT (owner, key) DO UPDATE SET value = excluded.value`;
  }
  for (const [table, keys] of deleted) {
    for (const slice of slices(keys.map(toDatabaseText), rowsPerStatementMax)) {
      await sql`DELETE FROM stored_rows WHERE owner = ${table} AND key IN ${sql(slice)}`;
    }
  }
}
