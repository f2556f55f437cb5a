// Schedules of throughput generators: what is due when, exactly for constant ones, by its mean and
// its spread for gaussian ones.

import { describe, expect, test } from "bun:test";
import * as v from "valibot";
import { javaRandom, randomSeed } from "../payload/java-random.ts";
import { createThroughputSchedule, OPEN_WINDOWS_MAX } from "./throughput-schedule.ts";
import { throughputGenerator } from "./throughput-spec.ts";

function scheduleOf(spec: object, startUs = 0) {
  const random = javaRandom(randomSeed(1n));
  random.reseed(0);
  const uniform = () => random.nextInt(1 << 30) / (1 << 30);
  return createThroughputSchedule(v.parse(throughputGenerator, spec), startUs, uniform);
}

describe("a constant throughput", () => {
  test("has its messages due at the start of each window", () => {
    const schedule = scheduleOf({ type: "constant", messagesPerWindow: 3, windowSizeMs: 10 }, 500);
    expect([499, 500, 10_499, 10_500].map((nowUs) => schedule.due(nowUs))).toEqual([0, 3, 3, 6]);
    expect([0, 2, 3, 5].map((index) => schedule.intendedUs(index))).toEqual([
      500, 500, 10_500, 10_500,
    ]);
    expect(schedule.nextWindowUs).toBe(20_500);
    expect(schedule.ratePerSec).toBe(300);
  });

  test("has windows of 100 ms where none are given", () => {
    expect(scheduleOf({ type: "constant", messagesPerWindow: 5 }).ratePerSec).toBe(50);
  });

  test("is without a limit for 0", () => {
    const schedule = scheduleOf({ type: "constant", windowSizeMs: 10 });
    expect(schedule.due(7)).toBe(Number.POSITIVE_INFINITY);
    expect(schedule.intendedUs(1e9)).toBe(7);
  });

  test("makes up for a stall at once, from the times that were meant", () => {
    const schedule = scheduleOf({ type: "constant", messagesPerWindow: 1, windowSizeMs: 1 });
    expect(schedule.due(5_000)).toBe(6);
    expect([0, 1, 5].map((index) => schedule.intendedUs(index))).toEqual([0, 1000, 5000]);
  });

  test("remembers a bounded number of windows", () => {
    const schedule = scheduleOf({ type: "constant", messagesPerWindow: 1, windowSizeMs: 1 });
    const late = OPEN_WINDOWS_MAX + 500;
    expect(schedule.due(late * 1000)).toBe(late + 1);
    expect(schedule.intendedUs(OPEN_WINDOWS_MAX - 1)).toBe((OPEN_WINDOWS_MAX - 1) * 1000);
    expect(schedule.intendedUs(late)).toBe((OPEN_WINDOWS_MAX - 1) * 1000);
  });
});

describe("a gaussian throughput", () => {
  const spec = {
    type: "gaussian",
    messagesPerWindowAverage: 100,
    messagesPerWindowDeviation: 10,
    windowSizeMs: 1,
  };

  /** The number of messages of each window. */
  function counts(fields: object, windows: number): number[] {
    const schedule = scheduleOf({ ...spec, ...fields });
    const dues = Array.from({ length: windows }, (_, index) => schedule.due(index * 1000));
    return dues.map((due, index) => due - (dues[index - 1] ?? 0));
  }

  test("varies around its mean", () => {
    const drawn = counts({}, 2000);
    const mean = drawn.reduce((sum, count) => sum + count, 0) / drawn.length;
    const variance = drawn.reduce((sum, count) => sum + (count - mean) ** 2, 0) / drawn.length;
    expect(mean).toBeWithin(98, 102);
    expect(Math.sqrt(variance)).toBeWithin(9, 11);
  });

  test("keeps a number for so many windows", () => {
    const drawn = counts({ windowsUntilRateChange: 5 }, 100);
    for (let first = 0; first < 100; first += 5) {
      expect(new Set(drawn.slice(first, first + 5)).size).toBe(1);
    }
    expect(new Set(drawn).size).toBeGreaterThan(10);
  });

  test("sends one message in a window at the least", () => {
    expect(Math.min(...counts({ messagesPerWindowAverage: 0 }, 100))).toBe(1);
  });
});
