// A daemon's log: readable lines on a terminal, JSON lines elsewhere or in --log-file, and the last
// ones in memory for `trogdor client logs`.

import { errorText, TrogdorError } from "../../core/trogdor-error.ts";
import { type LogLevel, lineLog } from "../../platform/log/line-log.ts";
import type { Log } from "../../platform/log/log.ts";
import { type RecentLines, recentLines } from "../../platform/log/recent-lines.ts";
import { openRotatingFile } from "../../platform/log/rotating-file.ts";
import { severalLogs } from "../../platform/log/several-logs.ts";
import type { Output } from "../mode-host.ts";

export interface DaemonLogOptions {
  readonly logLevel: LogLevel;
  readonly logFile: string | undefined;
  readonly logSizeBytes: number;
}

export interface DaemonLog {
  readonly log: Log;
  readonly recent: RecentLines;
  close(): void;
}

/** A reader of stderr that stalls must not make the daemon keep its lines for ever. */
const waitingWritesMax = 10_000;

export function openDaemonLog(
  options: DaemonLogOptions,
  output: Output,
  nowMs: () => number,
): DaemonLog {
  const { logLevel: level } = options;
  const recent = recentLines({ level, nowMs });
  const { writeLine, close } = lineWriter(options, output);
  const format = options.logFile === undefined && output.isTerminal ? "text" : "json";
  const written = lineLog({ format, level, nowMs, writeLine });
  return { log: severalLogs([written, recent]), recent, close };
}

interface LineWriter {
  writeLine(line: string): void;
  close(): void;
}

function lineWriter({ logFile, logSizeBytes }: DaemonLogOptions, output: Output): LineWriter {
  if (logFile === undefined) return { writeLine: boundedWriter(output), close: () => {} };
  try {
    return openRotatingFile({ path: logFile, sizeBytesMax: logSizeBytes });
  } catch (error) {
    throw new TrogdorError("refused", `--log-file cannot be written: ${errorText(error)}`, {
      cause: error,
    });
  }
}

function boundedWriter(output: Output): (line: string) => void {
  let dropped = 0;
  let waiting = 0;
  return (line) => {
    waiting = output.isBehind ? waiting + 1 : 0;
    if (waiting > waitingWritesMax) {
      dropped += 1;
      return;
    }
    if (dropped > 0) output.write(`(${dropped} log lines were dropped: nobody read them)\n`);
    dropped = 0;
    output.write(`${line}\n`);
  };
}
