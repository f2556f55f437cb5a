// Where lines stay: in files with a bound, and in memory with a search.

import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { recentLines } from "./recent-lines.ts";
import { recordedLog } from "./recorded-log.ts";
import { openRotatingFile } from "./rotating-file.ts";
import { severalLogs } from "./several-logs.ts";

describe("a rotating file", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "trogdor-log-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const sizes = () => readdirSync(folder).map((name) => statSync(join(folder, name)).size);

  test("keeps the newest lines in order and all its files within the bound", () => {
    const path = join(folder, "a.log");
    const file = openRotatingFile({ path, sizeBytesMax: 5000, olderFiles: 4 });
    for (let index = 0; index < 2000; index += 1) file.writeLine(`line ${index}`);
    file.close();
    expect(readdirSync(folder).sort()).toEqual([
      "a.log",
      "a.log.1",
      "a.log.2",
      "a.log.3",
      "a.log.4",
    ]);
    expect(sizes().reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(5000);
    const oldestFirst = [".4", ".3", ".2", ".1", ""].map((end) => readFileSync(path + end, "utf8"));
    const lines = oldestFirst.join("").trimEnd().split("\n");
    const first = 2000 - lines.length;
    expect(lines).toEqual(lines.map((_, index) => `line ${first + index}`));
    expect(lines.length).toBeGreaterThan(300);
  });

  test("goes on with what an earlier daemon left, and counts it", () => {
    const path = join(folder, "deep", "a.log");
    for (const text of ["one", "two"]) {
      const file = openRotatingFile({ path, sizeBytesMax: 1000 });
      file.writeLine(text);
      file.close();
    }
    expect(readFileSync(path, "utf8")).toBe("one\ntwo\n");
  });

  test("clips a line that is longer than a file", () => {
    const file = openRotatingFile({ path: join(folder, "a"), sizeBytesMax: 500, olderFiles: 1 });
    file.writeLine("x".repeat(10_000));
    file.writeLine("y");
    file.close();
    expect(Math.max(...sizes())).toBe(250);
  });

  test("counts what it cannot write, and says so once it can", () => {
    const path = join(folder, "a");
    const file = openRotatingFile({ path, sizeBytesMax: 20, olderFiles: 1 });
    file.writeLine("123456789");
    mkdirSync(`${path}.1`);
    file.writeLine("lost");
    file.writeLine("lost too");
    expect(file.droppedLines).toBe(2);
    rmSync(`${path}.1`, { recursive: true });
    file.writeLine("here");
    expect(file.droppedLines).toBe(0);
    expect(readFileSync(path, "utf8")).toBe("here\n");
    file.close();
  });
});

describe("recent lines", () => {
  const make = (linesMax = 100, sizeCharactersMax = 100_000) =>
    recentLines({ level: "info", nowMs: () => 0, linesMax, sizeCharactersMax });
  const events = (lines: readonly string[]) => lines.map((line) => JSON.parse(line).event);

  test("are the last ones, oldest first", () => {
    const recent = make(10);
    for (let index = 0; index < 1000; index += 1) recent.info(`${index}`);
    recent.debug("below the level");
    expect(events(recent.find({ lines: 3 }))).toEqual(["997", "998", "999"]);
    expect(recent.find({ lines: 1000 })).toHaveLength(10);
    expect(recent.find({ lines: 0 })).toEqual([]);
  });

  test("are bounded in size", () => {
    const recent = make(1000, 10_000);
    for (let index = 0; index < 100; index += 1) recent.info("x".repeat(1000));
    expect(recent.find({ lines: 1000 }).length).toBeLessThan(10);
  });

  test("can be asked for one task or one worker", () => {
    const recent = make();
    recent.info("a", { taskId: "t1", workerId: 5n });
    recent.warn("b", { taskId: "t1", workerId: "6" });
    recent.error("c", { taskId: "t2", workerId: 5n });
    recent.info("d");
    expect(events(recent.find({ lines: 9, taskId: "t1" }))).toEqual(["a", "b"]);
    expect(events(recent.find({ lines: 1, taskId: "t1" }))).toEqual(["b"]);
    expect(events(recent.find({ lines: 9, workerId: 5n }))).toEqual(["a", "c"]);
    expect(events(recent.find({ lines: 9, workerId: 5n, taskId: "t2" }))).toEqual(["c"]);
  });
});

test("several logs all get each event", () => {
  const logs = [recordedLog(), recordedLog()] as const;
  severalLogs(logs).warn("x", { a: 1 });
  severalLogs([logs[1]]).info("y");
  expect(logs.map((log) => log.events.map(({ event }) => event))).toEqual([["x"], ["x", "y"]]);
});
