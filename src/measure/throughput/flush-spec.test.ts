// When flush generators flush.

import { describe, expect, test } from "bun:test";
import * as v from "valibot";
import { createFlushCounter, flushGenerator } from "./flush-spec.ts";

/** Messages between the flushes, of `count` messages. */
function gaps(spec: object, count: number): number[] {
  let step = 0;
  // Even numbers that go round are enough for a spread.
  const uniform = () => ((step++ * 0.618034) % 1 || 0.5) as number;
  const counter = createFlushCounter(v.parse(flushGenerator, spec), uniform);
  const result: number[] = [];
  let since = 0;
  for (let index = 0; index < count; index++) {
    since += 1;
    if (!counter.next()) continue;
    result.push(since);
    since = 0;
  }
  return result;
}

describe("a flush generator", () => {
  test.each([
    [0, [1, 1, 1, 1, 1, 1, 1]],
    [1, [1, 1, 1, 1, 1, 1, 1]],
    [3, [3, 3]],
  ])("of %d messages flushes after so many", (messagesPerFlush, expected) => {
    expect(gaps({ type: "constant", messagesPerFlush }, 7)).toEqual(expected);
  });

  test("of a normal distribution varies around its mean", () => {
    const drawn = gaps(
      { type: "gaussian", messagesPerFlushAverage: 16, messagesPerFlushDeviation: 4 },
      5000,
    );
    const mean = drawn.reduce((sum, gap) => sum + gap, 0) / drawn.length;
    expect(mean).toBeWithin(14, 18);
    expect(new Set(drawn).size).toBeGreaterThan(5);
  });
});
