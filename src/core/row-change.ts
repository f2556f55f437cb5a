// What a state machine wants to have on disk: rows of text in named tables, in the shape of the
// store (src/platform/store/store.ts), which the core does not know.

export interface Row {
  readonly table: string;
  readonly key: string;
  readonly value: string;
}

/** `value` undefined deletes the row. */
export interface RowUpdate {
  readonly table: string;
  readonly key: string;
  readonly value: string | undefined;
}
