// Sorts the changes of one commit: the last change of a row is the one that counts, and rows of one
// kind are written by few statements.

import type { RowChange, StoredRow } from "./store.ts";

export interface SortedChanges {
  readonly written: readonly StoredRow[];
  /** Keys to delete, by table. */
  readonly deleted: ReadonlyMap<string, readonly string[]>;
}

export function sortChanges(changes: readonly RowChange[]): SortedChanges {
  const last = new Map<string, RowChange>();
  for (const change of changes) last.set(rowName(change), change);
  const written: StoredRow[] = [];
  const deleted = new Map<string, string[]>();
  for (const { table, key, value } of last.values()) {
    if (value !== undefined) written.push({ table, key, value });
    else if (deleted.has(table)) deleted.get(table)!.push(key);
    else deleted.set(table, [key]);
  }
  return { written, deleted };
}

/** A name for a row that no other row has. */
export function rowName(row: { readonly table: string; readonly key: string }): string {
  return `${row.table.length}:${row.table}${row.key}`;
}

/** Slices of at most `countMax`. */
export function slices<T>(items: readonly T[], countMax: number): T[][] {
  const found: T[][] = [];
  for (let from = 0; from < items.length; from += countMax) {
    found.push(items.slice(from, from + countMax));
  }
  return found;
}
