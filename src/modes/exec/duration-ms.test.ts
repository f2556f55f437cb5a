// Times on the command line.

import { describe, expect, test } from "bun:test";
import { durationMs } from "./duration-ms.ts";

describe("durationMs", () => {
  test.each([
    ["30", 30_000],
    ["30s", 30_000],
    ["500ms", 500],
    ["1.5m", 90_000],
    ["2h", 7_200_000],
    ["1d", 86_400_000],
    [" 5 m ", 300_000],
    ["0.0001s", 1],
  ])("reads %p", (text, ms) => {
    expect(durationMs("--timeout", text)).toBe(ms);
  });

  test.each(["", "0", "-5", "5x", "abc", "1e5", "9".repeat(30), "1m30s"])("refuses %p", (text) => {
    expect(() => durationMs("--timeout", text)).toThrow(`Option "--timeout" is "${text}"`);
  });
});
