// The texts, character by character.

import { describe, expect, test } from "bun:test";
import { createHdrHistogram, type HdrHistogram } from "./hdr-histogram.ts";
import { decodeHistogram } from "./histogram-encoding.ts";
import { intervalLogText, percentileText } from "./histogram-text.ts";

function histogramOf(...valuesUs: number[]): HdrHistogram {
  const histogram = createHdrHistogram();
  for (const value of valuesUs) histogram.recordValue(value);
  return histogram;
}

describe("percentileText", () => {
  test("has the header, one line a percentile in milliseconds, and the footer", () => {
    expect(percentileText(histogramOf(1500, 1500, 1500, 2000)).split("\n")).toEqual([
      "       Value     Percentile TotalCount 1/(1-Percentile)",
      "",
      ...[
        "       1.500 0.000000000000          3           1.00",
        "       1.500 0.100000000000          3           1.11",
        "       1.500 0.200000000000          3           1.25",
        "       1.500 0.300000000000          3           1.43",
        "       1.500 0.400000000000          3           1.67",
        "       1.500 0.500000000000          3           2.00",
        "       1.500 0.550000000000          3           2.22",
        "       1.500 0.600000000000          3           2.50",
        "       1.500 0.650000000000          3           2.86",
        "       1.500 0.700000000000          3           3.33",
        "       1.500 0.750000000000          3           4.00",
        "       2.000 0.775000000000          4           4.44",
        "       2.000 1.000000000000          4",
      ],
      "#[Mean    =        1.625, StdDeviation   =        0.217]",
      "#[Max     =        2.000, Total count    =            4]",
      "#[Buckets =           27, SubBuckets     =         2048]",
      "",
    ]);
  });
});

describe("intervalLogText", () => {
  const startMs = 1_790_000_000_000;

  test("has the format's header and a line an interval", () => {
    const histogram = histogramOf(1000, 34_000);
    const text = intervalLogText(startMs, [
      { startMs, endMs: startMs + 1000, histogram },
      { startMs: startMs + 1000, endMs: startMs + 2500, histogram, tag: "service" },
    ]);
    const lines = text.split("\n");
    expect(lines.slice(0, 4)).toEqual([
      "#[Latencies in microseconds, maxima in milliseconds, written by Trogdor]",
      "#[Histogram log format version 1.3]",
      "#[StartTime: 1790000000.000 (seconds since epoch), 2026-09-21T14:13:20.000Z]",
      '"StartTimestamp","Interval_Length","Interval_Max","Interval_Compressed_Histogram"',
    ]);
    expect(lines[4]).toStartWith("0.000,1.000,34.000,HISTFAAAA");
    expect(lines[5]).toStartWith("Tag=service,1.000,1.500,34.000,HISTFAAAA");
    expect(decodeHistogram(lines[4]!.split(",")[3]!).totalCount).toBe(2);
    expect(lines.slice(6)).toEqual([""]);
  });
});
