// Processes that can be ended with all that they start: each leads a session and a group of its
// own, dies with this process, and carries a token that finds those who fled from the group.
// docs/workers.md says how; nothing here is for short commands that are waited for.

export interface ProcessOrder {
  /** Program and arguments; no shell. A bare name is looked up in PATH. */
  readonly command: readonly string[];
  /** Added to this process's own environment, without what the runtime in it would obey. */
  readonly environment?: Readonly<Record<string, string>>;
}

export type ProcessEnd =
  | { readonly kind: "exited"; readonly code: number }
  | { readonly kind: "killed"; readonly signal: string; readonly code: number }
  /** `reason` as Java words it: `Cannot run program "x": error=2, No such file or directory`. */
  | { readonly kind: "notStarted"; readonly reason: string };

/** What was there when a process was ended with all that belongs to it. */
export interface Remains {
  /** How many had to be killed. */
  readonly killed: number;
  /** How many were still there when the bound was over. */
  readonly left: number;
  /** The name of one of them; "" when there was none. */
  readonly name: string;
}

export interface ContainedProcess {
  /** Undefined when it could not be started. */
  readonly pid: number | undefined;
  /** Resolves when the process itself has ended; what it started may still be there. */
  readonly ended: Promise<ProcessEnd>;
  /** The next bytes of its output, undefined at the end. Who is not read is held up. */
  readOutput(): Promise<Uint8Array | undefined>;
  readErrors(): Promise<Uint8Array | undefined>;
  /** Queues text for its input; nothing when it no longer reads. */
  write(text: string): void;
  /** SIGTERM for its group. */
  terminate(): void;
  /**
   * Gives all that belongs to it `patienceMs` to go, kills the rest, and resolves when nothing is
   * left or `boundMs` are over. May be repeated with less patience.
   */
  end(patienceMs: number, boundMs: number): Promise<Remains>;
  /** Reads no more, whoever still writes. */
  discardOutput(): void;
}

export interface Processes {
  /** Never throws: what goes wrong is how the process ended. */
  start(order: ProcessOrder): ContainedProcess;
  /** Ends what is left. */
  close(): Promise<void>;
}
