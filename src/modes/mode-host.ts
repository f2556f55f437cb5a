// What a mode gets from the process it runs in: output, input, environment, signals. Modes use
// nothing else of the process, so that only main.ts ends it and tests can run a mode in their own.

export interface Output {
  /** Queues the text. A reader that went away (EPIPE) is not an error: the rest is dropped. */
  write(text: string): void;
  /** True while earlier text waits for a slow reader; what can be left out then should be. */
  readonly isBehind: boolean;
  readonly isTerminal: boolean;
  /** Width in characters; 80 when it is not known. */
  readonly columns: number;
}

export type StopSignal = "SIGINT" | "SIGTERM";

export interface ModeHost {
  readonly out: Output;
  readonly err: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Standard input as text; rejects when it is longer than the limit. */
  readInput(sizeBytesMax: number): Promise<Uint8Array>;
  /** Calls the listener on Ctrl-C and SIGTERM until the returned function is called. */
  onStopSignal(listener: (signal: StopSignal) => void): () => void;
  /**
   * Calls the listener when the process is about to end by an error that no one awaited, until the
   * returned function is called: a last chance to say what is known.
   */
  onCrash(listener: () => void): () => void;
  /**
   * Ends the process without any clean-up: the second Ctrl-C. What was written still goes out if it
   * can at once.
   */
  leaveAtOnce(exitCode: number): void;
}

const colourCodes = { red: 31, green: 32, yellow: 33 } as const;

/** Colour is for people who look at a terminal and did not refuse it (https://no-color.org). */
export function coloured(
  text: string,
  colour: keyof typeof colourCodes,
  output: Output,
  env: ModeHost["env"],
): string {
  if (!output.isTerminal || env["NO_COLOR"] || env["TERM"] === "dumb") return text;
  return `\u001b[${colourCodes[colour]}m${text}\u001b[39m`;
}
