// A log that keeps its events, for tests that ask what was logged.

import type { LogLevel } from "./line-log.ts";
import type { Log } from "./log.ts";

export interface RecordedEvent {
  readonly level: LogLevel;
  readonly event: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface RecordedLog extends Log {
  readonly events: readonly RecordedEvent[];
}

export function recordedLog(): RecordedLog {
  const events: RecordedEvent[] = [];
  const at =
    (level: LogLevel) =>
    (event: string, fields: Readonly<Record<string, unknown>> = {}) => {
      events.push({ level, event, fields });
    };
  return { events, debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}
