// Reads the arguments of one command against its definition. citty's own reader takes unknown
// options without a word and keeps only the last of a repeated one, so ours stands in its place:
// all mistakes at once, each with the nearest name. Accepts `--name value`, `--name=value`,
// `-n value`, `-nvalue` and `--`, which are the forms of the Java command line.

import { didYouMean } from "../core/nearest-names.ts";
import { TrogdorError } from "../core/trogdor-error.ts";
import { type Command, type CommandLine, helpOption, type OptionDefinition } from "./command.ts";

export interface ReadingRules {
  /**
   * As the Java command line, in its words: these long names may be cut where they stay unique
   * among themselves, and all others where they stay unique among all.
   */
  readonly javaNames?: readonly string[];
}

interface Reading {
  readonly command: Command;
  readonly javaNames: readonly string[] | undefined;
  readonly rest: string[];
  readonly operands: string[];
  readonly given: Map<string, string[]>;
  readonly mistakes: string[];
}

export function readCommandLine(
  command: Command,
  args: readonly string[],
  { javaNames }: ReadingRules = {},
): CommandLine {
  const reading: Reading = {
    command,
    javaNames,
    rest: [...args],
    operands: [],
    given: new Map(),
    mistakes: [],
  };
  while (reading.rest.length > 0) readNext(reading, reading.rest.shift()!);
  checkOperands(reading);
  if (reading.mistakes.length > 0 && !reading.given.has("help")) {
    throw new TrogdorError("usage", reading.mistakes.join("\n"));
  }
  return {
    operands: reading.operands,
    has: (name) => reading.given.has(name),
    value: (name) => reading.given.get(name)?.at(-1),
    values: (name) => reading.given.get(name) ?? [],
  };
}

function readNext(reading: Reading, arg: string): void {
  if (arg === "--") reading.operands.push(...reading.rest.splice(0));
  else if (arg.startsWith("--")) readLong(reading, arg.slice(2));
  else if (arg.startsWith("-") && arg !== "-") readShort(reading, arg.slice(1));
  else reading.operands.push(arg);
}

function readLong(reading: Reading, text: string): void {
  const equals = text.indexOf("=");
  const name = equals < 0 ? text : text.slice(0, equals);
  const option = findLong(reading, name);
  if (option === undefined) {
    if (reading.javaNames !== undefined) {
      reading.mistakes.push(`unrecognized arguments: '--${text}'`);
      return;
    }
    const names = optionsOf(reading.command).map((candidate) => `--${candidate.name}`);
    reading.mistakes.push(`Unknown option "--${name}"${didYouMean(`--${name}`, names)}`);
    return;
  }
  const value = equals < 0 ? undefined : text.slice(equals + 1);
  take(reading, option, `--${name}`, value);
}

function findLong({ command, javaNames }: Reading, name: string): OptionDefinition | undefined {
  const options = optionsOf(command);
  const named = (wanted: string) =>
    options.find((option) => option.name === wanted || option.aliases?.includes(wanted));
  const exact = named(name);
  if (exact !== undefined || javaNames === undefined || name === "") return exact;
  const all = options.flatMap((option) => [option.name, ...(option.aliases ?? [])]);
  for (const names of [javaNames, all]) {
    const begun = new Set(names.filter((each) => each.startsWith(name)).map(named));
    if (begun.size > 0) return begun.size === 1 ? [...begun][0] : undefined;
  }
  return undefined;
}

function readShort(reading: Reading, text: string): void {
  const option = optionsOf(reading.command).find((candidate) => candidate.short === text[0]);
  if (option === undefined) {
    reading.mistakes.push(`Unknown option "-${text}"`);
    return;
  }
  const rest = text.slice(1).replace(/^=/, "");
  if (option.value === undefined && rest !== "") {
    take(reading, option, `-${text[0]}`, undefined);
    readShort(reading, rest);
    return;
  }
  take(reading, option, `-${text[0]}`, rest === "" ? undefined : rest);
}

function take(
  reading: Reading,
  option: OptionDefinition,
  typed: string,
  attached: string | undefined,
): void {
  const earlier = reading.given.get(option.name);
  if (option.value === undefined) {
    if (attached !== undefined) reading.mistakes.push(`Option "${typed}" takes no value`);
    reading.given.set(option.name, []);
    return;
  }
  const value = attached ?? reading.rest.shift();
  if (value === undefined || (attached === undefined && isOption(reading.command, value))) {
    if (value !== undefined) reading.rest.unshift(value);
    reading.mistakes.push(`Option "${typed}" needs a value: ${typed} ${option.value}`);
    return;
  }
  if (earlier !== undefined && option.repeatable !== true) {
    reading.mistakes.push(`Option "${typed}" was given more than once`);
  }
  reading.given.set(option.name, [...(earlier ?? []), value]);
}

function isOption(command: Command, arg: string): boolean {
  const name = arg.replace(/=.*$/, "");
  return optionsOf(command).some(
    (option) => name === `--${option.name}` || name === `-${option.short}`,
  );
}

function checkOperands(reading: Reading): void {
  const { operand, name } = reading.command;
  const [first, second] = reading.operands;
  if (operand === undefined) {
    if (first !== undefined) {
      reading.mistakes.push(`Unexpected argument "${first}": ${name} takes options only`);
    }
    return;
  }
  if (operand.required && first === undefined) {
    reading.mistakes.push(`Missing argument ${operand.name}: ${operand.description}`);
  }
  if (!operand.repeatable && second !== undefined) {
    reading.mistakes.push(`Unexpected argument "${second}": ${name} takes one ${operand.name}`);
  }
}

function optionsOf(command: Command): readonly OptionDefinition[] {
  return [...command.options, helpOption];
}
