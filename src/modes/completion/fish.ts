// The completion script for fish.

import type { Command, OptionDefinition } from "../command.ts";
import { leafCommands } from "../verbs.ts";
import {
  briefly,
  type CompletionModel,
  optionsOf,
  rootOptions,
  wordsFor,
} from "./completion-model.ts";

export function fishCompletion(model: CompletionModel): string {
  const lines = [
    "# fish completion for trogdor; made by `trogdor completion fish`",
    "complete -c trogdor -f",
  ];
  for (const option of rootOptions) lines.push(optionLine("__fish_use_subcommand", option, model));
  for (const command of model.commands) {
    const description = quoted(command.summary);
    lines.push(`complete -c trogdor -n __fish_use_subcommand -a ${command.name} -d ${description}`);
  }
  for (const command of model.commands) lines.push(...commandLines(command, model));
  return `${lines.join("\n")}\n`;
}

function commandLines(command: Command, model: CompletionModel): string[] {
  const seen = `__fish_seen_subcommand_from ${command.name}`;
  const { verbs } = command;
  if (verbs === undefined) return argumentLines(command, quoted(seen), model);
  const names = verbs.map((verb) => verb.name).join(" ");
  const none = quoted(`${seen}; and not __fish_seen_subcommand_from ${names}`);
  const lines = verbs.map(
    ({ name, summary }) => `complete -c trogdor -n ${none} -a ${name} -d ${quoted(summary)}`,
  );
  lines.push(...optionsOf(command).map((option) => optionLine(none, option, model)));
  for (const [index, leaf] of leafCommands(command).entries()) {
    const spellings = [verbs[index]!.name, ...(verbs[index]!.aliases ?? [])].join(" ");
    const when = quoted(`${seen}; and __fish_seen_subcommand_from ${spellings}`);
    lines.push(...argumentLines(leaf, when, model));
  }
  return lines;
}

function argumentLines(command: Command, when: string, model: CompletionModel): string[] {
  const lines = optionsOf(command).map((option) => optionLine(when, option, model));
  const words = wordsFor(command.operand?.completes, model);
  if (words === undefined) lines.push(`complete -c trogdor -n ${when} -F`);
  else if (words.length > 0) {
    lines.push(`complete -c trogdor -n ${when} -a ${quoted(words.join(" "))}`);
  }
  return lines;
}

function optionLine(when: string, option: OptionDefinition, model: CompletionModel): string {
  const parts = [`complete -c trogdor -n ${when} -l ${option.name}`];
  if (option.short !== undefined) parts.push(`-s ${option.short}`);
  if (option.value !== undefined) {
    const words = wordsFor(option.completes, model);
    if (words === undefined) parts.push("-r -F");
    else if (words.length === 0) parts.push("-x");
    else parts.push(`-x -a ${quoted(words.join(" "))}`);
  }
  parts.push(`-d ${quoted(briefly(option.description))}`);
  return parts.join(" ");
}

function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, "\\$&")}'`;
}
