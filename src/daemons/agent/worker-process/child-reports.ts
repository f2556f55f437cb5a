// What a child tells its agent. Statuses and histograms replace each other, so they are written at
// most ten times a second, and not while the agent is behind; the last ones always go out.

import type { Clock } from "../../../platform/clock/clock.ts";
import type { Log } from "../../../platform/log/log.ts";
import { type PrintTree, printCompact } from "../../../spec/print.ts";
import type { StatusJson } from "../../../tasks/define-task.ts";

const REPORT_INTERVAL_MS = 100;

export interface ReportOutput {
  write(text: string): void;
  readonly isBehind: () => boolean;
  readonly clock: Clock;
}

export interface ChildReports {
  readonly log: Log;
  status(status: StatusJson): void;
  histogram(name: string, encodedBase64: string): void;
  /** Writes at once, behind the last status. */
  tell(message: Readonly<Record<string, PrintTree>>): void;
  /** Writes what waits. */
  close(): void;
}

export function childReports(output: ReportOutput): ChildReports {
  const closed = new AbortController();
  const waiting = new Map<string, PrintTree>();
  let isResting = false;
  const write = (message: PrintTree) => output.write(`${printCompact(message)}\n`);
  const flush = () => {
    for (const message of waiting.values()) write(message);
    waiting.clear();
  };
  const rest = async () => {
    isResting = true;
    while (!closed.signal.aborted && waiting.size > 0) {
      if (!output.isBehind()) flush();
      await output.clock.sleep(REPORT_INTERVAL_MS, closed.signal);
    }
    isResting = false;
  };
  const report = (key: string, message: PrintTree) => {
    if (closed.signal.aborted) return;
    waiting.set(key, message);
    if (!isResting) void rest();
  };
  const tell: ChildReports["tell"] = (message) => {
    flush();
    write(message);
  };
  const logAs = (level: keyof Log) => (event: string, fields?: Readonly<Record<string, unknown>>) =>
    tell({ log: event, level, ...(fields === undefined ? {} : { fields: plain(fields) }) });
  return {
    log: { debug: () => {}, info: logAs("info"), warn: logAs("warn"), error: logAs("error") },
    status: (status) => report("status", { status: status as PrintTree }),
    histogram: (name, value) => report(`histogram ${name}`, { histogram: { name, value } }),
    tell,
    close() {
      flush();
      closed.abort();
    },
  };
}

/** Fields of a log line may be anything. */
function plain(fields: Readonly<Record<string, unknown>>): PrintTree {
  const text = JSON.stringify(fields, (_, value: unknown) => {
    if (typeof value === "bigint") return String(value);
    return value instanceof Error ? value.message : value;
  });
  return JSON.parse(text) as PrintTree;
}
