// Rules about one file's text. Each answers what is wrong, so that a test can show all of it.

import { isTest, type SourceFile } from "./source-files.ts";

export const fileLinesMax = 500;
export const functionLinesMax = 70;
export const lineColumnsMax = 100;

export function sizeProblems(file: SourceFile): string[] {
  const problems: string[] = [];
  if (file.lines.length > fileLinesMax + 1) {
    problems.push(
      `${file.path} has ${file.lines.length} lines, at most ${fileLinesMax} are wanted`,
    );
  }
  for (const [index, line] of file.lines.entries()) {
    if (line.length > lineColumnsMax) {
      problems.push(`${file.path}:${index + 1} is ${line.length} columns wide`);
    }
  }
  return problems;
}

interface FunctionSpan {
  readonly start: number;
  readonly end: number;
}

const functionStarts = [
  /^(\s*)(?:export )?(?:async )?function\b/,
  /=> \{$/,
  /^\s+(?:async |get |set )?(?!if|for|while|switch|catch|with)\w+\(.*\)(?:: .+)? \{$/,
];

/** The formatter closes a function in the column where its first line began. */
function functionSpans(lines: readonly string[]): FunctionSpan[] {
  const spans: FunctionSpan[] = [];
  for (const [start, line] of lines.entries()) {
    if (!functionStarts.some((pattern) => pattern.test(line))) continue;
    const indent = /^\s*/.exec(line)![0];
    const closes = (candidate: string) => candidate.startsWith(`${indent}}`);
    const length = lines.slice(start + 1).findIndex(closes) + 2;
    if (length >= 2) spans.push({ start, end: start + length - 1 });
  }
  return spans;
}

/** A function's own lines count: a function that holds others is judged without them. */
export function functionProblems(file: SourceFile): string[] {
  const spans = functionSpans(file.lines);
  return spans.flatMap((span) => {
    const inner = new Set<number>();
    for (const other of spans) {
      if (other.start <= span.start || other.end > span.end) continue;
      for (let line = other.start; line <= other.end; line += 1) inner.add(line);
    }
    const ownLines = span.end - span.start + 1 - inner.size;
    if (ownLines <= functionLinesMax) return [];
    return [`${file.path}:${span.start + 1} is a function of ${ownLines} lines of its own`];
  });
}

/** The core is told the time and given its random numbers; it touches nothing. */
const bannedInCore = [
  /\bDate\b/,
  /\bperformance\b/,
  /\bset(?:Timeout|Interval|Immediate)\b/,
  /\bMath\.random\b/,
  /\bcrypto\b/,
  /\bprocess\b\./,
  /\bfetch\(/,
  /\bBun\b/,
  /\bconsole\b/,
  /"node:/,
];

export function bannedCalls(file: SourceFile): string[] {
  const isCore = file.path.startsWith("src/core/");
  const isMain = file.path === "src/main.ts";
  const banned = [
    ...(isCore ? bannedInCore : []),
    ...(isMain ? [] : [/\bprocess\.exit(?:Code)?\b/]),
    /\bconsole\./,
  ];
  return findings(file, banned, "uses");
}

/** Byte code cannot be made of a module with top-level await; the formatter shows the level. */
export function topLevelAwaits(file: SourceFile): string[] {
  return findings(
    file,
    [/^(?:export )?(?:const|let) .*=\s*await\b/, /^await\b/, /^for await\b/],
    "awaits at the top level:",
  );
}

export function looseTypes(file: SourceFile): string[] {
  return findings(file, [/[:<|&(,]\s*any\b(?=[\s;,)>[\]|&=])/, /\bas any\b/], "uses the type any:");
}

/** Tests that may be left out somewhere, and why. */
const allowedSkips: readonly { readonly path: string; readonly why: string }[] = [
  { path: "test/cli/completion.test.ts", why: "zsh and fish are not on every machine" },
  { path: "test/support/broker-under-test.ts", why: "brokers of others cannot do everything" },
];

export function leftOutTests(file: SourceFile): string[] {
  if (allowedSkips.some((allowed) => allowed.path === file.path)) return [];
  const calls = /\b(?:test|describe|it)\.(?:only|skip|skipIf|todo|if|failing)\b/;
  return isTest(file.path) ? findings(file, [calls], "leaves tests out:") : [];
}

export function headerProblem(file: SourceFile): string[] {
  const first = file.lines[0]?.startsWith("#!") ? file.lines[1] : file.lines[0];
  return /^\/\/ \S|^\/\*\* \S/.test(first ?? "")
    ? []
    : [`${file.path} does not open with a comment`];
}

function findings(file: SourceFile, patterns: readonly RegExp[], verb: string): string[] {
  const found: string[] = [];
  for (const [index, line] of file.lines.entries()) {
    if (/^\s*(?:\/\/|\*|\/\*)/.test(line)) continue;
    for (const pattern of patterns) {
      const match = pattern.exec(line);
      if (match !== null) found.push(`${file.path}:${index + 1} ${verb} ${match[0].trim()}`);
    }
  }
  return found;
}
