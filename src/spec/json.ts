// Reads JSON as the reference reads it: comments are allowed, a repeated name keeps its last value,
// text after the root value is ignored. Nothing is lost: integers beyond 2^53 become bigint, and a
// number that is not a plain integer keeps its text (`1.50` in a text field is "1.50"). Depth and
// size are bounded. Objects have no prototype, so a member named `__proto__` is only a member.

import { TrogdorError, type TrogdorErrorCode } from "../core/trogdor-error.ts";

/** A number that was not written as a plain integer: it has a fraction, an exponent or is `-0`. */
export interface JsonNumber {
  readonly [jsonNumberMark]: true;
  readonly text: string;
}

export type JsonValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | JsonNumber
  | readonly JsonValue[]
  | JsonObject;

export interface JsonObject {
  readonly [name: string]: JsonValue;
}

/**
 * The largest text that is read as a spec. Whoever reads a file checks its size first. The largest
 * real spec seen is below 100 kB; a constant payload may need some megabytes.
 */
export const SPEC_SIZE_MAX_BYTES = 16 * 1024 * 1024;
/** The reference's limits for nesting and for the digits of a number. */
export const JSON_DEPTH_MAX = 1000;
export const JSON_NUMBER_LENGTH_MAX = 1000;

export interface ParseJsonOptions {
  readonly sizeMax?: number;
  readonly code?: TrogdorErrorCode;
  /** What to do with text after the value; the reference ignores it in a spec. */
  readonly trailing?: "ignored" | "refused";
}

/** Parses the first JSON value of a text, or throws an error that says line and column. */
export function parseJson(text: string, options: ParseJsonOptions = {}): JsonValue {
  const code = options.code ?? "spec";
  const sizeMax = options.sizeMax ?? SPEC_SIZE_MAX_BYTES;
  if (text.length > sizeMax) throw new TrogdorError(code, sizeProblem(text.length, sizeMax));
  const cursor: Cursor = { text, at: text.charCodeAt(0) === 0xfeff ? 1 : 0, depth: 0, code };
  skipBlank(cursor);
  const value = readValue(cursor);
  if (options.trailing === "refused") {
    skipBlank(cursor);
    if (cursor.at < text.length) throw unexpected(cursor, "the end of the text");
  }
  return value;
}

/** What to say about a text that is too large, for those who refuse it before reading it. */
export function sizeProblem(sizeBytes: number, sizeMaxBytes = SPEC_SIZE_MAX_BYTES): string {
  const mebibytes = sizeMaxBytes / 1024 / 1024;
  return `the text has ${sizeBytes} bytes, but at most ${sizeMaxBytes} (${mebibytes} MiB) are read`;
}

const jsonNumberMark: unique symbol = Symbol("json number");

export function jsonNumber(text: string): JsonNumber {
  return { [jsonNumberMark]: true, text };
}

export function isJsonNumber(value: unknown): value is JsonNumber {
  return typeof value === "object" && value !== null && jsonNumberMark in value;
}

export function isJsonObject(value: unknown): value is JsonObject {
  return (
    typeof value === "object" && value !== null && !Array.isArray(value) && !isJsonNumber(value)
  );
}

const repeatedNames = new WeakMap<object, Set<string>>();

/** The names that stood more than once in an object: an error for the one that selects a type. */
export function repeatedNamesOf(value: object): readonly string[] {
  return [...(repeatedNames.get(value) ?? [])];
}

/** A set: a text of 16 MiB has room for millions of repetitions. */
function noteRepeated(members: object, name: string): void {
  const names = repeatedNames.get(members);
  if (names === undefined) repeatedNames.set(members, new Set([name]));
  else names.add(name);
}

const nameOrders = new WeakMap<object, readonly string[]>();

/** As they were written; the language itself puts names like "10" first. */
export function membersInOrder(value: JsonObject): [name: string, member: JsonValue][] {
  const names = nameOrders.get(value) ?? Object.keys(value);
  return names.map((name) => [name, value[name] ?? null]);
}

interface Cursor {
  readonly text: string;
  readonly code: TrogdorErrorCode;
  at: number;
  depth: number;
}

function readValue(cursor: Cursor): JsonValue {
  const first = cursor.text[cursor.at];
  switch (first) {
    case "{":
      return readObject(cursor);
    case "[":
      return readArray(cursor);
    case '"':
      return readString(cursor);
    case "t":
      return readWord(cursor, "true", true);
    case "f":
      return readWord(cursor, "false", false);
    case "n":
      return readWord(cursor, "null", null);
    default:
      if (first !== undefined && /[-0-9]/.test(first)) return readNumber(cursor);
      throw unexpected(cursor, "a value");
  }
}

function readObject(cursor: Cursor): JsonObject {
  enter(cursor);
  const members: Record<string, JsonValue> = Object.create(null);
  let order: string[] | undefined;
  for (let count = 0; ; count++) {
    skipBlank(cursor);
    if (count === 0 && take(cursor, "}")) break;
    if (cursor.text[cursor.at] !== '"') {
      throw unexpected(cursor, expectedName(cursor, count));
    }
    const name = readString(cursor);
    skipBlank(cursor);
    if (!take(cursor, ":")) throw unexpected(cursor, `\`:\` after the name "${name}"`);
    skipBlank(cursor);
    if (name in members) noteRepeated(members, name);
    else if (order !== undefined || IS_INDEX.test(name)) {
      order ??= Object.keys(members);
      order.push(name);
    }
    members[name] = readValue(cursor);
    skipBlank(cursor);
    if (take(cursor, "}")) break;
    if (!take(cursor, ",")) throw unexpected(cursor, `\`,\` or \`}\` after the value of "${name}"`);
  }
  cursor.depth--;
  if (order !== undefined) nameOrders.set(members, order);
  return members;
}

const IS_INDEX = /^[0-9]{1,10}$/;

function expectedName(cursor: Cursor, count: number): string {
  if (count === 0) return "a name in double quotes or `}`";
  const isEnd = cursor.text[cursor.at] === "}";
  return `a name in double quotes${isEnd ? " (no comma stands behind the last member)" : ""}`;
}

function readArray(cursor: Cursor): JsonValue[] {
  enter(cursor);
  const elements: JsonValue[] = [];
  for (;;) {
    skipBlank(cursor);
    if (elements.length === 0 && take(cursor, "]")) break;
    elements.push(readValue(cursor));
    skipBlank(cursor);
    if (take(cursor, "]")) break;
    if (!take(cursor, ",")) throw unexpected(cursor, "`,` or `]` after an element of the array");
  }
  cursor.depth--;
  return elements;
}

function enter(cursor: Cursor): void {
  if (++cursor.depth > JSON_DEPTH_MAX) {
    throw failure(cursor, `more than ${JSON_DEPTH_MAX} objects and arrays inside each other`);
  }
  cursor.at++;
}

function readWord<T>(cursor: Cursor, word: string, value: T): T {
  const { text, at } = cursor;
  const following = text[at + word.length] ?? " ";
  if (!text.startsWith(word, at) || /[\w$]/.test(following)) throw unexpected(cursor, "a value");
  cursor.at += word.length;
  return value;
}

const NUMBER = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/y;

function readNumber(cursor: Cursor): number | bigint | JsonNumber {
  NUMBER.lastIndex = cursor.at;
  const match = NUMBER.exec(cursor.text);
  const digits = match?.[0] ?? "";
  const following = cursor.text[cursor.at + digits.length] ?? " ";
  if (match === null || /[\w.+-]/.test(following)) {
    throw unexpected(cursor, "a number such as 10, -2.5 or 1e3");
  }
  if (digits.length > JSON_NUMBER_LENGTH_MAX) {
    throw failure(cursor, `a number has more than ${JSON_NUMBER_LENGTH_MAX} digits`);
  }
  cursor.at += digits.length;
  if (match[1] !== undefined || match[2] !== undefined || digits === "-0") {
    return jsonNumber(digits);
  }
  const value = Number(digits);
  return Number.isSafeInteger(value) ? value : BigInt(digits);
}

const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  "\\": "\\",
  "/": "/",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};

function readString(cursor: Cursor): string {
  const { text } = cursor;
  const start = cursor.at++;
  let value = "";
  for (;;) {
    const plainEnd = endOfPlain(text, cursor.at);
    value += text.slice(cursor.at, plainEnd);
    cursor.at = plainEnd;
    const end = text[cursor.at];
    if (end === '"') {
      cursor.at++;
      return value;
    }
    if (end === undefined) {
      cursor.at = start;
      throw failure(cursor, "this text in double quotes has no end");
    }
    if (end !== "\\") {
      const code = end.charCodeAt(0).toString(16).padStart(4, "0");
      throw failure(cursor, `a control character inside a text must be written as \\u${code}`);
    }
    value += readEscape(cursor);
  }
}

/** The next quote, backslash, control character or end of the text. */
function endOfPlain(text: string, start: number): number {
  let at = start;
  for (;;) {
    const code = text.charCodeAt(at);
    const isPlain = code >= 0x20 && code !== 0x22 && code !== 0x5c;
    if (!isPlain) return at;
    at++;
  }
}

function readEscape(cursor: Cursor): string {
  const kind = cursor.text[cursor.at + 1] ?? "";
  const simple = Object.hasOwn(ESCAPES, kind) ? ESCAPES[kind] : undefined;
  if (simple !== undefined) {
    cursor.at += 2;
    return simple;
  }
  const digits = cursor.text.slice(cursor.at + 2, cursor.at + 6);
  if (kind !== "u" || !/^[0-9a-fA-F]{4}$/.test(digits)) {
    throw failure(
      cursor,
      'expected one of \\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX after a backslash',
    );
  }
  cursor.at += 6;
  return String.fromCharCode(Number.parseInt(digits, 16));
}

const BLANK = /[ \t\r\n]*/y;

function skipBlank(cursor: Cursor): void {
  for (;;) {
    BLANK.lastIndex = cursor.at;
    cursor.at += BLANK.exec(cursor.text)?.[0].length ?? 0;
    if (cursor.text.startsWith("//", cursor.at)) {
      const end = cursor.text.indexOf("\n", cursor.at);
      cursor.at = end < 0 ? cursor.text.length : end + 1;
    } else if (cursor.text.startsWith("/*", cursor.at)) {
      const end = cursor.text.indexOf("*/", cursor.at + 2);
      if (end < 0) throw failure(cursor, "this comment has no end: expected `*/`");
      cursor.at = end + 2;
    } else return;
  }
}

function take(cursor: Cursor, character: string): boolean {
  if (cursor.text[cursor.at] !== character) return false;
  cursor.at++;
  return true;
}

function unexpected(cursor: Cursor, expected: string): TrogdorError {
  const found = /^(?:[\w$.+-]+|.)?/su.exec(cursor.text.slice(cursor.at, cursor.at + 40))?.[0] ?? "";
  const shown = found === "" ? "the end of the text" : describeFound(found);
  return failure(cursor, `expected ${expected}, found ${shown}`);
}

function describeFound(found: string): string {
  return found < " " ? `the character ${JSON.stringify(found)}` : `\`${found}\``;
}

function failure(cursor: Cursor, message: string): TrogdorError {
  const before = cursor.text.slice(0, cursor.at);
  const line = before.split("\n").length;
  const column = cursor.at - (before.lastIndexOf("\n") + 1) + 1;
  const where = `line ${line}, column ${column}`;
  return new TrogdorError(cursor.code, `not JSON: ${where}: ${message}`, {
    problems: [{ path: "", message: `${where}: ${message}` }],
  });
}
