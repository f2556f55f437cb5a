// The files that --histogram writes: their names, and that what was recorded can be read back.

import { describe, expect, test } from "bun:test";
import { createHdrHistogram } from "../../measure/hdr-histogram.ts";
import { decodeHistogram, encodeHistogram } from "../../measure/histogram-encoding.ts";
import { histogramFiles, histogramPath } from "./histogram-files.ts";

function encoded(...valuesUs: number[]): string {
  const histogram = createHdrHistogram();
  for (const valueUs of valuesUs) histogram.recordValue(valueUs);
  return encodeHistogram(histogram);
}

describe("histogramPath", () => {
  test.each([
    ["out/a.hlog", "corrected", "out/a.hlog"],
    ["out/a.hlog", "service", "out/a.service.hlog"],
    ["out.d/a", "service", "out.d/a.service"],
    [".hidden", "service", ".hidden.service"],
  ])("%s for %s is %s", (path, name, expected) => {
    expect(histogramPath(path, name)).toBe(expected);
  });
});

describe("an interval log", () => {
  test("has what was recorded between two reports, also after a histogram was emptied", () => {
    const timesMs = [1000, 2000, 3000, 4000];
    const files = histogramFiles(() => timesMs.shift()!);
    files.take("corrected", encoded(10, 20));
    files.take("corrected", encoded(10, 20, 30));
    files.take("corrected", encoded(40));
    const lines = files.texts("x.hlog").get("x.hlog")!.trimEnd().split("\n").slice(-3);
    const read = lines.map((line) => {
      const [start, length, , base64] = line.split(",");
      const histogram = decodeHistogram(base64!);
      return [start, length, histogram.totalCount, histogram.maxValue];
    });
    expect(read).toEqual([
      ["0.000", "1.000", 2, 20],
      ["1.000", "1.000", 1, 30],
      ["2.000", "1.000", 1, 40],
    ]);
  });
});

describe("a percentile text", () => {
  test("is made of the last report, in milliseconds, one file for each histogram", () => {
    const files = histogramFiles(() => 0);
    files.take("corrected", encoded(10));
    files.take("corrected", encoded(5000, 5000));
    files.take("service", encoded(7000));
    const texts = files.texts("x.txt");
    expect([...texts.keys()]).toEqual(["x.txt", "x.service.txt"]);
    expect(texts.get("x.txt")).toMatch(/Value\s+Percentile\s+TotalCount/);
    expect(texts.get("x.txt")).toMatch(/#\[Max\s+=\s+5\.\d+, Total count\s+=\s+2\]/);
  });
});
