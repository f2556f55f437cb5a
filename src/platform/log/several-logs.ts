// One log that writes to several.

import type { Log } from "./log.ts";

export function severalLogs(logs: readonly Log[]): Log {
  const [only] = logs;
  if (only !== undefined && logs.length === 1) return only;
  const at =
    (level: keyof Log): Log["info"] =>
    (event, fields) => {
      for (const log of logs) log[level](event, fields);
    };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}
