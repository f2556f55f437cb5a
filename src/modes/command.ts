// How a mode describes its command line. One definition gives parsing, help, completion and the
// tables in docs/cli.md; citty routes to it (see run-command-line.ts).

import type { ModeHost } from "./mode-host.ts";

/** What completion offers for a value. */
export type Completes = "files" | "taskTypes" | "shells" | "commands" | "nothing";

export interface OptionDefinition {
  /** Long name without the dashes. */
  readonly name: string;
  /** One letter. */
  readonly short?: string;
  /** Long names of the Java command line that mean the same; left out of help and completion. */
  readonly aliases?: readonly string[];
  /** What stands for the value in help (`FILE`); without it the option is a switch. */
  readonly value?: string;
  readonly repeatable?: boolean;
  readonly description: string;
  readonly completes?: Completes;
}

export interface OperandDefinition {
  /** What stands for it in help (`SPEC`). */
  readonly name: string;
  /** In place of `NAME...` in the usage line, where several arguments mean different things. */
  readonly usage?: string;
  readonly required: boolean;
  readonly repeatable: boolean;
  readonly description: string;
  readonly completes: Completes;
}

export interface CommandLine {
  readonly operands: readonly string[];
  /** True when the switch was given. */
  has(name: string): boolean;
  /** The last value given. */
  value(name: string): string | undefined;
  values(name: string): readonly string[];
}

export interface Example {
  readonly line: string;
  readonly does: string;
}

export interface Command {
  readonly name: string;
  /** Names of the Java command line that mean the same; left out of completion. */
  readonly aliases?: readonly string[];
  readonly summary: string;
  readonly details?: readonly string[];
  readonly operand?: OperandDefinition;
  /** For a command with verbs: those that may stand before the verb or behind it. */
  readonly options: readonly OptionDefinition[];
  readonly examples: readonly Example[];
  /** What the first argument selects, as in `trogdor client tasks`; `run` is then not called. */
  readonly verbs?: readonly Command[];
  /** What runs when the first argument that is no option is no verb; its options are its own. */
  readonly withoutVerb?: Command;
  /** More help that has to be loaded first, such as the list of task types. */
  loadMoreHelp?(): Promise<string>;
  /** Resolves with the exit code. */
  run(line: CommandLine, host: ModeHost): Promise<number>;
}

export const helpOption: OptionDefinition = {
  name: "help",
  short: "h",
  description: "Show this help.",
};
