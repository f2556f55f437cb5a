// Lines come out as they went in, however they were cut, and no faster than allowed.

import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { createSimulatedClock } from "../../../platform/clock/simulated-clock.ts";
import { outputLimits, readLines } from "./output-lines.ts";

function read(chunks: readonly Uint8Array[], limits = outputLimits, end = new AbortController()) {
  const clock = createSimulatedClock();
  const lines: string[] = [];
  const rest = [...chunks];
  let tooLong = 0;
  const done = readLines({
    read: async () => rest.shift(),
    clock,
    limits,
    hasEnded: end.signal,
    line: (text) => lines.push(text),
    tooLong: () => {
      tooLong += 1;
    },
  });
  return { lines, clock, done, tooLong: () => tooLong };
}

const bytes = (text: string) => new TextEncoder().encode(text);

describe("the lines of an output", () => {
  test("are the same however they were cut", async () => {
    const text = fc.array(fc.string({ unit: "binary" }).filter((line) => !line.includes("\n")));
    await fc.assert(
      fc.asyncProperty(text, fc.array(fc.nat(40)), async (expected, cuts) => {
        const whole = bytes(expected.map((line) => `${line}\n`).join(""));
        const chunks: Uint8Array[] = [];
        let at = 0;
        for (const cut of cuts) {
          chunks.push(whole.subarray(at, at + cut));
          at += cut;
        }
        chunks.push(whole.subarray(at));
        const { lines, done } = read(chunks);
        await done;
        const decoded = expected.map((line) => new TextDecoder().decode(bytes(line)));
        expect(lines).toEqual(decoded.filter((line) => line !== ""));
      }),
      { numRuns: 200 },
    );
  });

  test("end with what has no line end", async () => {
    const { lines, done } = read([bytes("one\ntw"), bytes("o")]);
    await done;
    expect(lines).toEqual(["one", "two"]);
  });

  test("are dropped when they are too long, once each", async () => {
    const limits = { ...outputLimits, lineSizeMaxBytes: 10 };
    const chunks = ["12345678901\nshort\n", "123456", "7890123456", "7\n1234567890\n"];
    const { lines, done, tooLong } = read(chunks.map(bytes), limits);
    await done;
    expect([lines, tooLong()]).toEqual([["short", "1234567890"], 2]);
  });

  test("come at most at the rate of the limit", async () => {
    const limits = { ...outputLimits, linesPerSec: 100 };
    const { clock, done } = read([bytes("x\n".repeat(1000))], limits);
    await done;
    expect(clock.nowUs() / 1e6).toBeWithin(9, 11);
  });

  test("come at most at the rate of the limit for bytes", async () => {
    const limits = { ...outputLimits, bytesPerSec: 1000 };
    const { clock, done } = read(Array(100).fill(bytes(`${"x".repeat(99)}\n`)), limits);
    await done;
    expect(clock.nowUs() / 1e6).toBeWithin(9, 11);
  });

  test("that are left when the process has ended come at once, up to a bound", async () => {
    const end = new AbortController();
    end.abort();
    const limits = { ...outputLimits, linesPerSec: 10 };
    const few = read([bytes("x\n".repeat(10_000))], limits, end);
    await few.done;
    expect([few.lines.length, few.clock.nowUs()]).toEqual([10_000, 0]);
    const chunk = bytes(`${"x".repeat(1023)}\n`.repeat(64));
    const many = read(Array(64).fill(chunk), limits, end);
    await many.done;
    expect(many.clock.nowUs()).toBeGreaterThan(60_000_000);
  });
});
