// What the completion scripts know, taken from the command definitions and the task registry.

import { type Command, type Completes, helpOption, type OptionDefinition } from "../command.ts";
import { commands } from "../commands.ts";

export interface CompletionModel {
  readonly commands: readonly Command[];
  readonly taskTypes: readonly string[];
}

export const shells = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof shells)[number];

/** Options of the program itself, which stand in place of a command. */
export const rootOptions: readonly OptionDefinition[] = [
  helpOption,
  { name: "version", short: "V", description: "Show the version." },
];

export async function completionModel(): Promise<CompletionModel> {
  const { taskTypes } = await import("../../tasks/registry.ts");
  return {
    commands: await Promise.all(commands.map((entry) => entry.load())),
    taskTypes: taskTypes.map((type) => type.shortName),
  };
}

export function optionsOf(command: Command): readonly OptionDefinition[] {
  return [...command.options, helpOption];
}

/** The first sentence: there is little room behind a completion. */
export function briefly(description: string): string {
  return description.replace(/(?:[.:]) .*$/s, ".");
}

/** The words that can stand somewhere; undefined for files, empty when nothing can be offered. */
export function wordsFor(
  completes: Completes | undefined,
  model: CompletionModel,
): readonly string[] | undefined {
  switch (completes) {
    case "files":
      return undefined;
    case "taskTypes":
      return model.taskTypes;
    case "shells":
      return shells;
    case "commands":
      return model.commands.map((command) => command.name);
    case "nothing":
    case undefined:
      return [];
  }
}
