// The progress line: what it says, and what it leaves out when the terminal is narrow.

import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { progressLine } from "./progress-line.ts";

const busy = {
  progress: {
    phase: "sending",
    done: 1_234_567,
    total: 5_000_000,
    ratePerSec: 410_000,
    intendedPerSec: 500_000,
    bytesPerSec: 210_000_000,
    p50Us: 1200,
    p99Us: 45_600,
    errors: 0,
  },
  elapsedMs: 3012,
  remainingMs: 60_000,
  isStopping: false,
};

describe("the progress line", () => {
  test("shows everything when there is room", () => {
    expect(progressLine(busy, 200)).toBe(
      "3.0s  sending  1.23M/5M (24%)  410k of 500k msg/s  210 MB/s  " +
        "p50 1.2 ms p99 45.6 ms  0 errors  ETA 9.1s",
    );
  });

  test("keeps the count, the rate and the errors longest", () => {
    expect(progressLine(busy, 60)).toBe("3.0s  1.23M/5M (24%)  410k of 500k msg/s  0 errors");
  });

  test("shows elapsed and remaining time for a task without numbers", () => {
    const moment = { progress: {}, elapsedMs: 1000, remainingMs: 9000, isStopping: false };
    expect(progressLine(moment, 80)).toBe("1.0s  ETA 9.0s");
  });

  test("takes the end of durationMs when that comes before the last message", () => {
    const slow = { ...busy, progress: { done: 0, total: 1000, ratePerSec: 1 } };
    expect(progressLine(slow, 80)).toEndWith("ETA 1m00s");
  });

  test("foresees the end of a load that fails throughout", () => {
    const progress = { done: 400, total: 500, ratePerSec: 0, errors: 400 };
    const failing = { ...busy, progress, elapsedMs: 4000 };
    expect(progressLine(failing, 80)).toBe("4.0s  400/500 (80%)  0 msg/s  400 errors  ETA 1.0s");
  });

  test("foresees no end once the task was told to stop", () => {
    const line = progressLine({ ...busy, isStopping: true }, 200);
    expect(line).toEndWith("0 errors  stopping");
  });

  test("never exceeds the width", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 150 }), (width) => {
        expect(progressLine(busy, width).length).toBeLessThanOrEqual(width);
      }),
    );
  });
});
