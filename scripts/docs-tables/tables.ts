// The tables in our documents that are made from definitions in the code. A document marks the
// place with `<!-- table: name -->` and `<!-- end -->`; scripts/docs fills it in, a test compares.

import { join } from "node:path";
import { type Command, helpOption, type OptionDefinition } from "../../src/modes/command.ts";
import { commands } from "../../src/modes/commands.ts";
import { exitCodes } from "../../src/modes/exit-codes.ts";
import { optionLabel, usageLine } from "../../src/modes/help.ts";
import { leafCommands } from "../../src/modes/verbs.ts";
import { taskTypes } from "../../src/tasks/registry.ts";
import {
  clientConfigurationHead,
  clientConfigurationRows,
  type KeyGroupName,
} from "./client-configuration.ts";

export const root = join(import.meta.dir, "../..");

/** The documents that hold such tables. */
export const documents = ["README.md", "docs/cli.md", "docs/client-configuration.md"];

const tables: Readonly<Record<string, () => Promise<string>>> = {
  "exit codes": exitCodeTable,
  options: optionTable,
  commands: commandTable,
  tasks: taskTable,
  "client keys": () => keyTable("client"),
  "producer keys": () => keyTable("producer"),
  "consumer keys": () => keyTable("consumer"),
  "security keys": () => keyTable("security"),
};

const marked = /(<!-- table: ([a-z ]+) -->\n)([\s\S]*?)(<!-- end -->)/g;

/** The document with every marked table made anew. */
export async function withTables(text: string): Promise<string> {
  let result = "";
  let at = 0;
  for (const match of text.matchAll(marked)) {
    const [whole, start, name, , end] = match;
    const make = tables[name!];
    if (make === undefined) throw new Error(`there is no table called "${name}"`);
    result += `${text.slice(at, match.index)}${start}${await make()}${end}`;
    at = match.index + whole.length;
  }
  return result + text.slice(at);
}

async function exitCodeTable(): Promise<string> {
  const rows = Object.values(exitCodes).map(({ code, meaning }) => [`\`${code}\``, meaning]);
  return markdownTable(["code", "meaning"], rows);
}

async function commandTable(): Promise<string> {
  const rows = (await loadedCommands())
    .flatMap((command) => leafCommands(command))
    .map((command) => [`\`${usageLine(command)}\``, command.summary]);
  return markdownTable(["command", "what it does"], rows);
}

async function optionTable(): Promise<string> {
  const rows = (await loadedCommands()).flatMap((command) =>
    command.verbs === undefined
      ? commandRows(command)
      : [...commandRows(command), ...command.verbs.flatMap((verb) => verbRows(command, verb))],
  );
  rows.push(optionRow("all", helpOption));
  return markdownTable(["command", "option", "meaning"], rows);
}

async function loadedCommands(): Promise<Command[]> {
  return await Promise.all(commands.map((entry) => entry.load()));
}

/** Without the options of the whole, which stand once. */
function verbRows(command: Command, verb: Command): string[][] {
  return commandRows({ ...verb, name: `${command.name} ${verb.name}` });
}

function commandRows(command: Command): string[][] {
  const { operand } = command;
  const operandRows =
    operand === undefined
      ? []
      : [[`\`${command.name}\``, `\`${operand.name}\``, operand.description]];
  return [...operandRows, ...command.options.map((option) => optionRow(command.name, option))];
}

function optionRow(command: string, option: OptionDefinition): string[] {
  const also = (option.aliases ?? []).map((alias) => `\`--${alias}\``).join(", ");
  const description = also === "" ? option.description : `${option.description} Also ${also}.`;
  return [`\`${command}\``, `\`${optionLabel(option)}\``, description];
}

async function keyTable(group: KeyGroupName): Promise<string> {
  return markdownTable(clientConfigurationHead, clientConfigurationRows(group));
}

async function taskTable(): Promise<string> {
  const rows = taskTypes.map((type) => {
    // A task that is neither workload nor fault (NoOp) stands beside the workloads.
    const room = type.kind === "fault" ? "faults" : "workloads";
    const page = `src/tasks/${room}/${kebabCase(type.shortName)}/README.md`;
    return [`[${type.shortName}](${page})`, type.kind, type.summary];
  });
  return markdownTable(["task type", "kind", "what it does"], rows);
}

/** Aligned as the formatter wants it. */
function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, ...rows].map((cells) => cells.map(cellText));
  const widths = head.map((_, index) => Math.max(...lines.map((cells) => cells[index]!.length)));
  const rule = widths.map((width) => "-".repeat(width));
  const [first, ...rest] = lines;
  return [first!, rule, ...rest]
    .map((cells) => cells.map((cell, index) => cell.padEnd(widths[index]!)).join(" | "))
    .map((line) => `| ${line} |\n`)
    .join("");
}

function cellText(text: string): string {
  return text.replace(/\|/g, "\\|").replace(/\n/g, " ");
}

function kebabCase(name: string): string {
  return name.replace(/(?<=[a-z0-9])[A-Z]/g, (letter) => `-${letter}`).toLowerCase();
}
