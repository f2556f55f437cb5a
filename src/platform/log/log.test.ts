// Every log takes every event without throwing; the line logs write what a reader expects.

import { describe, expect, test } from "bun:test";
import { type LineLogOptions, lineLog } from "./line-log.ts";
import { type Log, silentLog } from "./log.ts";
import { recordedLog } from "./recorded-log.ts";

function lines(options: Partial<LineLogOptions>): { log: Log; written: string[] } {
  const written: string[] = [];
  const log = lineLog({
    format: "text",
    level: "debug",
    nowMs: () => 1_700_000_000_123,
    writeLine: (line) => written.push(line),
    ...options,
  });
  return { log, written };
}

const implementations: [string, () => Log][] = [
  ["silent", () => silentLog],
  ["recorded", () => recordedLog()],
  ["text", () => lines({}).log],
  ["json", () => lines({ format: "json" }).log],
];

describe.each(implementations)("the %s log", (_name, make) => {
  test("takes events with and without fields, of any kind of value", () => {
    const log = make();
    log.debug("started");
    log.info("started", {
      id: 1n,
      error: new Error("no"),
      list: [1n, { deep: 2n }],
      no: undefined,
    });
    log.warn("started", {});
    log.error("started", { nothing: null });
  });
});

describe("the text log", () => {
  test("writes time, level, event and fields on one line, quoting where it must", () => {
    const { log, written } = lines({});
    log.warn("broker was lost", { node: "b1", error: new Error("a b") });
    expect(written).toEqual(['22:13:20.123 warn  broker was lost node=b1 error="a b"']);
  });

  test("drops events below its level", () => {
    const { log, written } = lines({ level: "warn" });
    log.info("quiet");
    log.debug("quiet");
    log.error("loud");
    expect(written).toHaveLength(1);
  });
});

describe("the JSON log", () => {
  test("writes one object a line, with 64-bit numbers as digits and errors as messages", () => {
    const { log, written } = lines({ format: "json" });
    log.info("worker started", { workerId: 4611686018427387903n, error: new Error("x\ny") });
    expect(written.map((line) => JSON.parse(line))).toEqual([
      {
        time: "2023-11-14T22:13:20.123Z",
        level: "info",
        event: "worker started",
        workerId: "4611686018427387903",
        error: "x\ny",
      },
    ]);
  });
});

describe("the recorded log", () => {
  test("keeps the events in order", () => {
    const log = recordedLog();
    log.info("one", { a: 1 });
    log.error("two");
    expect(log.events).toEqual([
      { level: "info", event: "one", fields: { a: 1 } },
      { level: "error", event: "two", fields: {} },
    ]);
  });
});
