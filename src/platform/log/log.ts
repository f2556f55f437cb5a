// Log lines are events: fixed text plus fields, past tense for facts. Where they go (JSON off a
// terminal, readable on one, nowhere with --quiet) is the choice of the mode that made the log.

export interface Log {
  debug(event: string, fields?: Readonly<Record<string, unknown>>): void;
  info(event: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(event: string, fields?: Readonly<Record<string, unknown>>): void;
  error(event: string, fields?: Readonly<Record<string, unknown>>): void;
}

const nothing = () => {};

/** A log that drops everything. */
export const silentLog: Log = { debug: nothing, info: nothing, warn: nothing, error: nothing };
