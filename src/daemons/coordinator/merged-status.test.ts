// Histograms of several nodes as one.

import { describe, expect, test } from "bun:test";
import { createHdrHistogram } from "../../measure/hdr-histogram.ts";
import { decodeHistogram, encodeHistogram } from "../../measure/histogram-encoding.ts";
import { mergedStatus } from "./merged-status.ts";

function encoded(values: readonly number[]): string {
  const histogram = createHdrHistogram();
  for (const value of values) histogram.recordValue(value);
  return encodeHistogram(histogram);
}

const status = (histograms: object) => ({ totalSent: 1, histograms });

describe("a combined status", () => {
  test("merges histograms of the same name without loss", () => {
    const merged = mergedStatus(
      JSON.stringify({
        n1: status({ latency: encoded([100, 200]), only: encoded([7]) }),
        n2: status({ latency: encoded([300, 40_000]) }),
        n3: "receiving",
      }),
    );
    const { workers, latencyUs, histograms } = JSON.parse(merged!);
    const figures = { count: 4, p50: 200, p95: 40_000, p99: 40_000, p999: 40_000, max: 40_000 };
    expect([workers, Object.keys(latencyUs)]).toEqual([2, ["latency", "only"]]);
    for (const [name, value] of Object.entries(figures)) {
      expect(latencyUs.latency[name] / value).toBeCloseTo(1, 2);
    }
    const histogram = decodeHistogram(histograms.latency);
    const percentiles = [25, 50, 75].map((each) => histogram.getValueAtPercentile(each));
    expect([histogram.totalCount, percentiles]).toEqual([4, [100, 200, 300]]);
  });

  test.each([
    ["no histograms", { n1: "active", n2: "active" }],
    ["those of one node only", { n1: status({ a: encoded([1]) }), n2: "receiving" }],
    ["texts that are no histograms", { n1: status({ a: "x", b: 5 }), n2: status({ a: "y" }) }],
  ])("with %s has nothing to merge", (_what, combined) => {
    expect(mergedStatus(JSON.stringify(combined))).toBeUndefined();
  });
});
