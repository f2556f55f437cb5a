// Where a daemon keeps what must survive it: rows of text in named tables. Real: SQLite in the
// state folder, synced. Simulated: memory that loses what was not synced. A row's value is JSON of
// its owner's making.

export interface StoredRow {
  readonly table: string;
  readonly key: string;
  readonly value: string;
}

/** `value` undefined deletes the row; deleting a row that is not there is fine. */
export interface RowChange {
  readonly table: string;
  readonly key: string;
  readonly value: string | undefined;
}

export interface Store {
  /** Everything that was committed, in no order. */
  load(): Promise<readonly StoredRow[]>;
  /**
   * All changes or none; resolves when they are on disk, not before. After a rejection nothing is
   * known about them: the daemon has to end.
   */
  commit(changes: readonly RowChange[]): Promise<void>;
  close(): Promise<void>;
}
