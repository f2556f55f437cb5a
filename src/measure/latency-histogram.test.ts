// Percentiles against sorted lists, batches against single records.

import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { HIGHEST_LATENCY_US } from "./hdr-histogram.ts";
import { createLatencyHistogram } from "./latency-histogram.ts";

const latencies = fc.array(
  fc.oneof(
    fc.double({ min: -5, max: 3000, noNaN: true }),
    fc.double({ min: 0, max: 1e8, noNaN: true }),
    fc.constant(HIGHEST_LATENCY_US * 2),
  ),
  { minLength: 1, maxLength: 200 },
);

function reference(values: readonly number[], fraction: number): number {
  const sorted = values.map((value) => Math.max(0, value)).sort((a, b) => a - b);
  return sorted[Math.ceil(fraction * sorted.length - 1e-9) - 1]!;
}

describe("latency histogram", () => {
  test("percentiles are nearest-rank to 3 significant digits", () => {
    fc.assert(
      fc.property(latencies, (values) => {
        const histogram = createLatencyHistogram();
        for (const value of values) histogram.record(value, 1);
        const summary = histogram.summary();
        for (const [name, fraction] of [
          ["p50", 0.5],
          ["p90", 0.9],
          ["p95", 0.95],
          ["p99", 0.99],
        ] as const) {
          const exact = Math.min(reference(values, fraction), HIGHEST_LATENCY_US);
          expect(Math.abs(summary[name] - exact)).toBeLessThanOrEqual(1 + exact / 1000);
        }
      }),
    );
  });

  test("a batch counts as its records one by one", () => {
    fc.assert(
      fc.property(latencies, fc.boolean(), (values, sorted) => {
        if (sorted) values.sort((a, b) => b - a);
        const single = createLatencyHistogram();
        const batch = createLatencyHistogram();
        const pairs = createLatencyHistogram();
        const fromUs = Float64Array.from([7, ...values.map((value) => 1e6 - value), 7]);
        const untilUs = new Float64Array(fromUs.length).fill(1e6);
        for (let i = 1; i <= values.length; i++) single.record(1e6 - fromUs[i]!, 1);
        batch.recordUntil(1e6, fromUs, 1, values.length + 1);
        pairs.recordPairs(untilUs, fromUs, 1, values.length + 1);
        for (const other of [batch, pairs]) {
          expect(other.summary()).toEqual({
            ...single.summary(),
            mean: expect.closeTo(single.summary().mean, 0),
          });
          expect(other.saturated).toBe(single.saturated);
          expect(other.hdr.maxValue).toBe(single.hdr.maxValue);
        }
      }),
    );
  });

  test("one sample is every percentile", () => {
    const histogram = createLatencyHistogram();
    histogram.record(99_000, 1);
    expect(histogram.summary()).toEqual({
      count: 1,
      mean: 99_000,
      p50: 99_000,
      p90: 99_000,
      p95: 99_000,
      p99: 99_000,
      p999: 99_000,
      p9999: 99_000,
      max: 99_000,
    });
  });

  test("with 100 samples p99 is the 99th", () => {
    const histogram = createLatencyHistogram();
    for (let value = 1; value <= 100; value++) histogram.record(value, 1);
    expect(histogram.summary()).toMatchObject({
      p50: 50,
      p90: 90,
      p95: 95,
      p99: 99,
      p999: 100,
      max: 100,
    });
  });

  test("what is not a number counts as 0 and ends", () => {
    const histogram = createLatencyHistogram();
    histogram.recordUntil(5, Float64Array.from([Number.NaN, 9, 4]), 0, 3);
    expect(histogram.summary()).toMatchObject({ count: 3, p50: 0, max: 1 });
  });

  test("an empty one is all zeros", () => {
    expect(Object.values(createLatencyHistogram().summary())).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0]);
  });

  test("a value above a day is counted as a day and said to be so", () => {
    const histogram = createLatencyHistogram();
    histogram.record(HIGHEST_LATENCY_US * 3, 4);
    expect(histogram.saturated).toBe(4);
    expect(histogram.summary().max).toBe(HIGHEST_LATENCY_US * 3);
  });
});
