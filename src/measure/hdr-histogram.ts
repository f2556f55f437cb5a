// Opens the histogram class of hdr-histogram-js without the package's index, which would compile
// its WebAssembly build and cost 50 ms at start. Microseconds, 3 significant digits, up to a day.

import * as float64HistogramModule from "hdr-histogram-js/dist/Float64Histogram.js";

export type HdrHistogram = float64HistogramModule.default;

export const HIGHEST_LATENCY_US = 86_400_000_000;
export const SIGNIFICANT_DIGITS = 3;

/** Values below 2^11 have a bucket each: the least power of 2 that holds 2 * 10^digits. */
const SUB_BUCKET_BITS = 11;

export function createHdrHistogram(
  highestTrackableValue = HIGHEST_LATENCY_US,
  significantDigits = SIGNIFICANT_DIGITS,
): HdrHistogram {
  return new Float64Histogram(1, highestTrackableValue, significantDigits);
}

/** A power of two: the width of the bucket that holds `valueUs`, for SIGNIFICANT_DIGITS. */
export function bucketShift(valueUs: number): number {
  if (valueUs < 2 ** 31) return Math.max(0, 32 - SUB_BUCKET_BITS - Math.clz32(valueUs));
  return 32 - SUB_BUCKET_BITS + (32 - Math.clz32(valueUs / 2 ** 32));
}

/** The index of the count for an integer `valueUs`: the library's countsArrayIndex, quicker. */
export function bucketIndex(valueUs: number, shift: number): number {
  const inBucket = valueUs < 2 ** 31 ? valueUs >> shift : Math.floor(valueUs / 2 ** shift);
  return (shift << (SUB_BUCKET_BITS - 1)) + inBucket;
}

// A run from source hands out the class, a bundled executable the CommonJS module around it.
const Float64Histogram = constructorOf(float64HistogramModule.default);

function constructorOf(exported: unknown): typeof float64HistogramModule.default {
  if (typeof exported === "function") return exported as typeof float64HistogramModule.default;
  return (exported as typeof float64HistogramModule).default;
}
