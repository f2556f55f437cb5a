// What a finished task says to people: a choice from its status, in the order of importance. The
// task type chooses and words; whoever shows it formats numbers, aligns and wraps.

export type ResultUnit =
  | "messages"
  | "messages/s"
  | "transactions"
  | "connections"
  | "connections/s"
  | "bytes"
  | "bytes/s"
  /** Microseconds; shown as us, ms or s, and in ms throughout a table. */
  | "us";

export interface ResultFigure {
  readonly label: string;
  readonly value: number;
  readonly unit: ResultUnit;
  /** What was wanted, in the same unit. */
  readonly of?: number | undefined;
  readonly remark?: string | undefined;
}

export interface ResultTable {
  readonly title: string;
  readonly unit: ResultUnit;
  readonly columns: readonly string[];
  readonly rows: readonly ResultTableRow[];
}

export interface ResultTableRow {
  readonly label: string;
  /** One for each column; undefined leaves a cell empty. */
  readonly values: readonly (number | undefined)[];
}

export interface ResultList {
  readonly title: string;
  readonly lines: readonly string[];
}

export interface TaskResult {
  readonly figures: readonly ResultFigure[];
  readonly tables: readonly ResultTable[];
  /** Errors, warnings; an empty one is left out. */
  readonly lists: readonly ResultList[];
  /** Whole sentences on how to read the figures. */
  readonly notes: readonly string[];
}
