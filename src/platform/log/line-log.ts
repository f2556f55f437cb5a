// Logs that write lines: JSON for programs, readable text for people at a terminal.

import type { Log } from "./log.ts";

export type LogLevel = "debug" | "info" | "warn" | "error";

export interface LineLogOptions {
  readonly format: "json" | "text";
  /** Events below this level are dropped. */
  readonly level: LogLevel;
  nowMs(): number;
  /** Takes one line without its end. */
  writeLine(line: string): void;
}

const levels: readonly LogLevel[] = ["debug", "info", "warn", "error"];

type Fields = Readonly<Record<string, unknown>>;

export function lineLog(options: LineLogOptions): Log {
  const at = (level: LogLevel) => {
    if (levels.indexOf(level) < levels.indexOf(options.level)) return () => {};
    return (event: string, fields: Fields = {}) => {
      options.writeLine(lineText(options, level, event, fields));
    };
  };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

function lineText(options: LineLogOptions, level: LogLevel, event: string, fields: Fields): string {
  const time = new Date(options.nowMs()).toISOString();
  if (options.format === "json") {
    return JSON.stringify({ time, level, event, ...fields }, plainValue);
  }
  const texts = Object.entries(fields).map(([key, value]) => ` ${key}=${fieldText(value)}`);
  return `${time.slice(11, 23)} ${level.padEnd(5)} ${event}${texts.join("")}`;
}

function fieldText(value: unknown): string {
  const plain = plainValue("", value);
  if (typeof plain === "string") return /^[^\s="]+$/.test(plain) ? plain : JSON.stringify(plain);
  return JSON.stringify(plain, plainValue) ?? "undefined";
}

/** What JSON cannot hold: errors become their message, 64-bit numbers their digits. */
function plainValue(_key: string, value: unknown): unknown {
  if (typeof value === "bigint") return value.toString();
  return value instanceof Error ? value.message : value;
}
