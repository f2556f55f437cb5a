// Help texts, written from the command definitions, and the mode that prints them.

import { didYouMean } from "../core/nearest-names.ts";
import { TrogdorError } from "../core/trogdor-error.ts";
import { type Command, type Example, helpOption, type OptionDefinition } from "./command.ts";
import { commands, summaryOf } from "./commands.ts";
import { findVerb } from "./verbs.ts";
import { wrap } from "./wrap.ts";

export const helpCommand: Command = {
  name: "help",
  summary: summaryOf("help"),
  operand: {
    name: "COMMAND",
    required: false,
    repeatable: true,
    description: "The command to explain, with its verb if it has some.",
    completes: "commands",
  },
  options: [],
  examples: [{ line: "trogdor help exec", does: "explain exec" }],
  async run(line, host) {
    const [name, verb] = line.operands;
    host.out.write(name === undefined ? overviewText() : await commandHelp(name, verb));
    return 0;
  },
};

export function overviewText(): string {
  return `Fault injection and load for Apache Kafka clusters.

Usage: trogdor COMMAND [OPTIONS]

Commands:
${columns(commands.map((entry) => [entry.name, entry.summary]))}

Options:
${columns([
  ["-h, --help", "Show help, also after a command."],
  ["-V, --version", "Show the version."],
])}

Examples:
${exampleText([
  { line: "trogdor exec spec.json", does: "run a task and show its result" },
  { line: "trogdor exec spec.json --json", does: "the same for a program: only the status" },
  { line: "trogdor validate spec.json", does: "report what is wrong with a spec" },
  { line: "trogdor client create spec.json --wait", does: "run a task on a cluster's agents" },
  { line: "trogdor help exec", does: "all options, and the task types" },
])}`;
}

export async function commandHelp(name: string, verb?: string): Promise<string> {
  const entry = commands.find((candidate) => candidate.name === name);
  if (entry === undefined) throw unknownCommand(name);
  const command = await entry.load();
  return helpText(verb === undefined ? command : findVerb(command, verb));
}

export async function helpText(command: Command): Promise<string> {
  const operand = command.operand;
  const parts = [`${command.summary}\n`, `Usage: ${usageLine(command)}\n`];
  for (const paragraph of command.details ?? []) parts.push(`${wrap(paragraph, 80).join("\n")}\n`);
  if (command.aliases !== undefined) parts.push(`Also: ${command.aliases.join(", ")}\n`);
  if (command.verbs !== undefined) {
    const rows = command.verbs.map((verb) => [verb.name, verb.summary]);
    parts.push(`Verbs:\n${columns(rows)}\n`);
  }
  if (operand !== undefined) {
    parts.push(`Arguments:\n${columns([[operand.name, operand.description]])}\n`);
  }
  const rows = [...command.options, helpOption].map((option) => [
    optionLabel(option),
    option.description,
  ]);
  parts.push(`Options:\n${columns(rows)}\n`);
  const more = await command.loadMoreHelp?.();
  if (more !== undefined) parts.push(more);
  parts.push(`Examples:\n${exampleText(command.examples)}`);
  return parts.join("\n");
}

/** Each example below what it does, so that it can be copied as a line. */
function exampleText(examples: readonly Example[]): string {
  return examples.map(({ line, does }) => `  # ${does}\n  ${line}\n`).join("");
}

export function usageLine(command: Command): string {
  const operand = command.operand;
  const shown =
    operand === undefined ? "" : operand.repeatable ? `${operand.name}...` : operand.name;
  const optional = operand?.usage ?? (operand?.required === false ? `[${shown}]` : shown);
  const verb = command.verbs === undefined ? "" : "VERB";
  return ["trogdor", command.name, verb, optional, command.options.length > 0 ? "[OPTIONS]" : ""]
    .filter((word) => word !== "")
    .join(" ");
}

export function optionLabel(option: OptionDefinition): string {
  const short = option.short === undefined ? "" : `-${option.short}, `;
  const value = option.value === undefined ? "" : ` ${option.value}`;
  return `${short}--${option.name}${value}`;
}

export function unknownCommand(name: string): TrogdorError {
  const names = commands.map((entry) => entry.name);
  const near = didYouMean(name, names);
  const known = near === "" ? `; the commands are ${names.join(", ")}` : near;
  return new TrogdorError("usage", `Unknown command "${name}"${known}`);
}

/** Rows of a label and a text, the texts aligned and wrapped at 80 columns. */
export function columns(rows: readonly (readonly string[])[]): string {
  const width = Math.max(...rows.map((row) => row[0]!.length));
  const indent = " ".repeat(width + 4);
  return rows
    .map(([label, text]) => {
      const lines = wrap(text!, Math.max(30, 80 - indent.length));
      return `  ${label!.padEnd(width)}  ${lines.join(`\n${indent}`)}`;
    })
    .join("\n");
}
