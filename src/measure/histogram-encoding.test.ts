// The encoding gives back what it took, and hdr-histogram-js understands it.

import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { decodeFromCompressedBase64, encodeIntoCompressedBase64 } from "hdr-histogram-js";
import { createHdrHistogram, type HdrHistogram } from "./hdr-histogram.ts";
import { decodeHistogram, encodeHistogram } from "./histogram-encoding.ts";

function countsOf(histogram: HdrHistogram): [number, number][] {
  const counts: [number, number][] = [];
  for (let index = 0; index < histogram.countsArrayLength; index++) {
    const count = histogram.getCountAtIndex(index);
    if (count > 0) counts.push([index, count]);
  }
  return counts;
}

describe("histogram encoding", () => {
  test("gives back every count", () => {
    const entry = fc.tuple(
      fc.integer({ min: 0, max: 80_000_000_000 }),
      fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 2 ** 45 })),
    );
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 40 }), (entries) => {
        const histogram = createHdrHistogram();
        for (const [value, count] of entries) histogram.recordValueWithCount(value, count);
        const decoded = decodeHistogram(encodeHistogram(histogram));
        expect(countsOf(decoded)).toEqual(countsOf(histogram));
        expect(decoded.totalCount).toBe(histogram.totalCount);
      }),
    );
  });

  test("is what hdr-histogram-js reads and writes", () => {
    const histogram = createHdrHistogram();
    for (let value = 0; value < 3_000_000; value += 997) histogram.recordValue(value);
    const encoded = encodeHistogram(histogram);
    expect(decodeFromCompressedBase64(encoded, 64).outputPercentileDistribution()).toBe(
      decodeHistogram(encoded).outputPercentileDistribution(),
    );
    const ours = decodeHistogram(encodeIntoCompressedBase64(histogram));
    expect(countsOf(ours)).toEqual(countsOf(histogram));
  });

  test("starts as every reader of the format expects", () => {
    expect(encodeHistogram(createHdrHistogram())).toStartWith("HISTFAAAA");
  });

  test.each([
    ["", "not a histogram"],
    ["AAAAAAAAAAAA", "not a histogram"],
  ])("refuses %p", (text, message) => {
    expect(() => decodeHistogram(text)).toThrow(message);
  });
});
