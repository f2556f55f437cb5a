// The last lines of a daemon's log, in memory, for `trogdor client logs`: bounded in number and
// size, and searchable by the task or the worker that a line is about.

import type { LogLevel } from "./line-log.ts";
import { lineLog } from "./line-log.ts";
import type { Log } from "./log.ts";

export interface RecentLinesOptions {
  readonly level: LogLevel;
  nowMs(): number;
  readonly linesMax?: number;
  readonly sizeCharactersMax?: number;
}

export interface LineFilter {
  /** The last so many of those that fit. */
  readonly lines: number;
  readonly taskId?: string | undefined;
  readonly workerId?: bigint | undefined;
}

export interface RecentLines extends Log {
  /** Oldest first, as JSON. */
  find(filter: LineFilter): string[];
}

interface Kept {
  readonly line: string;
  readonly taskId: string | undefined;
  readonly workerId: string | undefined;
}

const defaultLinesMax = 5000;
const defaultSizeCharactersMax = 1 << 20;

export function recentLines(options: RecentLinesOptions): RecentLines {
  const { linesMax = defaultLinesMax, sizeCharactersMax = defaultSizeCharactersMax } = options;
  const kept: Kept[] = [];
  let first = 0;
  let sizeCharacters = 0;
  let about: Omit<Kept, "line"> = { taskId: undefined, workerId: undefined };

  function keep(line: string): void {
    kept.push({ line, ...about });
    sizeCharacters += line.length;
    while (kept.length - first > linesMax || sizeCharacters > sizeCharactersMax) {
      sizeCharacters -= kept[first]!.line.length;
      first += 1;
    }
    if (first <= kept.length / 2) return;
    kept.splice(0, first);
    first = 0;
  }

  const log = lineLog({ ...options, format: "json", writeLine: keep });
  const noted =
    (write: Log["info"]): Log["info"] =>
    (event, fields) => {
      about = { taskId: textOf(fields?.["taskId"]), workerId: textOf(fields?.["workerId"]) };
      write(event, fields);
    };
  return {
    debug: noted(log.debug),
    info: noted(log.info),
    warn: noted(log.warn),
    error: noted(log.error),
    find({ lines, taskId, workerId }) {
      const wantedWorker = workerId?.toString();
      const fitting = kept
        .slice(first)
        .filter((line) => taskId === undefined || line.taskId === taskId)
        .filter((line) => wantedWorker === undefined || line.workerId === wantedWorker);
      return lines <= 0 ? [] : fitting.slice(-lines).map(({ line }) => line);
    },
  };
}

function textOf(value: unknown): string | undefined {
  return value === undefined ? undefined : String(value);
}
