// Usage and help in the layout of argparse4j, which the Java programs use.

import { wrap } from "../wrap.ts";
import type { JavaFlag, JavaParser, JavaVerb } from "./java-parsers.ts";

const width = 75;
const helpColumn = 25;

export function javaUsage(parser: JavaParser, verb?: JavaVerb): string {
  const { program, verbs = [] } = parser;
  const names = `{${verbs.map((each) => each.name).join(",")}}`;
  const words =
    verb === undefined && parser.verbs !== undefined
      ? [names, "..."]
      : (verb ?? parser).flags.map(usageWord);
  const indent = verb === undefined ? `usage: ${program} `.length : 7;
  const first = verb === undefined ? [] : [verb.name];
  const lines = folded([...first, "[-h]", ...words], width - indent);
  const text = lines.join(`\n${" ".repeat(indent)}`);
  return verb === undefined
    ? `usage: ${program} ${text}\n`
    : `usage: ${program}\n${" ".repeat(indent)}${text}\n`;
}

export function javaHelp(parser: JavaParser, verb?: JavaVerb): string {
  const { verbs } = parser;
  const parts = [javaUsage(parser, verb)];
  if (verb === undefined) parts.push(`${parser.description}\n`);
  if (verb === undefined && verbs !== undefined) {
    const rows = verbs.map(({ name, help }) => row(`    ${name}`, help)).join("");
    parts.push(`positional arguments:\n  {${verbs.map(({ name }) => name).join(",")}}\n${rows}`);
  }
  const flags = (verb ?? parser).flags.map((flag) => row(`  ${flagLabel(flag)}`, flag.help));
  const help = row("  -h, --help", "show this help message and exit");
  parts.push(`optional arguments:\n${help}${flags.join("")}`);
  return parts.join("\n");
}

/** `--target/-t`, as messages name a flag. */
export function flagName({ name, short }: JavaFlag): string {
  return short === undefined ? `--${name}` : `--${name}/-${short}`;
}

function usageWord({ name, value, required }: JavaFlag): string {
  const word = value === undefined ? `--${name}` : `--${name} ${value}`;
  return required === true ? word : `[${word}]`;
}

function flagLabel({ name, short, value }: JavaFlag): string {
  const behind = value === undefined ? "" : ` ${value}`;
  const long = `--${name}${behind}`;
  return short === undefined ? long : `${long}, -${short}${behind}`;
}

function row(label: string, help: string): string {
  const indent = " ".repeat(helpColumn);
  const text = wrap(help, width - helpColumn).join(`\n${indent}`);
  return label.length + 2 > helpColumn
    ? `${label}\n${indent}${text}\n`
    : `${label.padEnd(helpColumn)}${text}\n`;
}

/** Words that hold blanks stay together. */
function folded(words: readonly string[], columns: number): string[] {
  const lines: string[] = [];
  for (const word of words) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > columns) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}
