// The one error type of this program. A code from a closed list says what kind of failure it is; a
// mode maps the code to an exit code (docs/cli.md), the REST layer maps it to an HTTP status.
// A message is one sentence that names the field, the value and what was expected.

/**
 * - `usage`: wrong command line.
 * - `spec`: a task spec that cannot be read, parsed or accepted.
 * - `configuration`: a wrong trogdor.conf or client configuration.
 * - `task`: the task itself failed while it ran.
 * - `timeout`: something did not happen within its bound.
 * - `interrupted`: a person stopped it.
 * - `invalidRequest`, `unknownClass`, `notFound`, `conflict`, `refused`: what a daemon answers to a
 *   request that cannot be met; repeating it changes nothing.
 * - `unavailable`: a peer could not be asked or did not answer; it may have done what was asked.
 */
export type TrogdorErrorCode =
  | "usage"
  | "spec"
  | "configuration"
  | "task"
  | "timeout"
  | "interrupted"
  | "invalidRequest"
  | "unknownClass"
  | "notFound"
  | "conflict"
  | "refused"
  | "unavailable";

/** One thing that is wrong with an input. */
export interface Problem {
  /** A dotted path into the JSON (`activeTopics.foo[1-3].numPartitions`), "" for the root. */
  readonly path: string;
  /** What was found and what was expected, one sentence without the path. */
  readonly message: string;
}

export interface TrogdorErrorOptions {
  readonly cause?: unknown;
  readonly problems?: readonly Problem[];
}

export class TrogdorError extends Error {
  override readonly name = "TrogdorError";
  readonly code: TrogdorErrorCode;
  /** Everything that is wrong, all at once; empty when the message says it all. */
  readonly problems: readonly Problem[];

  constructor(code: TrogdorErrorCode, message: string, options: TrogdorErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.problems = options.problems ?? [];
  }
}

/** The text of an error for people: its message, or its name when it has none. */
export function errorText(error: unknown): string {
  if (error instanceof Error) return error.message === "" ? error.name : error.message;
  return String(error);
}
