// Our quick bucket arithmetic against the library's own.

import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import {
  bucketIndex,
  bucketShift,
  createHdrHistogram,
  HIGHEST_LATENCY_US,
} from "./hdr-histogram.ts";

describe("bucketIndex", () => {
  test("agrees with the library for every value it can hold", () => {
    const histogram = createHdrHistogram();
    const values = fc.oneof(
      fc.integer({ min: 0, max: HIGHEST_LATENCY_US }),
      fc.integer({ min: 0, max: 5000 }),
      fc
        .tuple(fc.integer({ min: 0, max: 36 }), fc.integer({ min: -1, max: 1 }))
        .map(([power, delta]) => Math.max(0, 2 ** power + delta)),
    );
    fc.assert(
      fc.property(values, (value) => {
        const index = bucketIndex(value, bucketShift(value));
        expect(index).toBe(histogram.countsArrayIndex(value));
      }),
      { numRuns: 2000 },
    );
  });

  test("the widest bucket still has 3 significant digits", () => {
    expect(2 ** bucketShift(HIGHEST_LATENCY_US) / HIGHEST_LATENCY_US).toBeLessThan(0.001);
  });
});
