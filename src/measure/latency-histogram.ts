// A histogram of latencies in microseconds that takes whole batches. Records of a batch have
// neighbouring times, so at a high rate they mostly fall into one bucket: such a batch costs an
// addition and two comparisons for each record. Sum and maximum are exact.

import {
  bucketIndex,
  bucketShift,
  createHdrHistogram,
  type HdrHistogram,
  HIGHEST_LATENCY_US,
} from "./hdr-histogram.ts";

export interface LatencySummary {
  readonly count: number;
  readonly mean: number;
  readonly p50: number;
  readonly p90: number;
  readonly p95: number;
  readonly p99: number;
  readonly p999: number;
  readonly p9999: number;
  readonly max: number;
}

export interface LatencyHistogram {
  /** Records one value `count` times. What is not positive counts as 0. */
  record(valueUs: number, count: number): void;
  /** Records `untilUs - fromUs[i]` for i in [start, end). */
  recordUntil(untilUs: number, fromUs: Float64Array, start: number, end: number): void;
  /** Records `untilUs[i] - fromUs[i]` for i in [start, end). */
  recordPairs(untilUs: Float64Array, fromUs: Float64Array, start: number, end: number): void;
  /** Nearest rank; whole microseconds, as exact as 3 significant digits are. */
  summary(): LatencySummary;
  /** Values above the bound of a day, which count as a day. */
  readonly saturated: number;
  readonly hdr: HdrHistogram;
}

export function createLatencyHistogram(): LatencyHistogram {
  const hdr = createHdrHistogram();
  // The hot path adds to the plain array; whoever reads has the library's totals updated first.
  const counts = hdr._counts;
  /** Sums of neighbouring buckets, so that a status walks over a few hundred numbers. */
  const blocks = new Float64Array((counts.length >> BLOCK_BITS) + 1);
  let totalCount = 0;
  let scratchUs = new Float64Array(1024);
  let sumUs = 0;
  let maxUs = 0;
  let saturated = 0;
  /** Of the values as the buckets know them: whole and below the bound. */
  let highestUs = 0;
  let lowestUs = Number.POSITIVE_INFINITY;

  function record(valueUs: number, count: number): void {
    let value = valueUs;
    if (!(value > 0)) value = 0;
    if (value > maxUs) maxUs = value;
    sumUs += value * count;
    if (value > HIGHEST_LATENCY_US) {
      saturated += count;
      value = HIGHEST_LATENCY_US;
    }
    const wholeUs = Math.floor(value);
    addTo(bucketOf(wholeUs), count);
    addToTotals(count, wholeUs, wholeUs);
  }

  function addTo(bucket: number, count: number): void {
    counts[bucket]! += count;
    blocks[bucket >> BLOCK_BITS]! += count;
  }

  function addToTotals(count: number, leastUs: number, mostUs: number): void {
    totalCount += count;
    if (mostUs > highestUs) highestUs = mostUs;
    if (leastUs < lowestUs) lowestUs = leastUs;
  }

  function upToDate(): HdrHistogram {
    if (totalCount === 0) return hdr;
    hdr.setTotalCount(totalCount);
    hdr.updateMinAndMax(highestUs);
    hdr.updateMinAndMax(lowestUs);
    return hdr;
  }

  /** Records the values in scratchUs, mostly in one step: those of a batch are neighbours. */
  function recordScratch(count: number): void {
    const values = scratchUs;
    let sum = 0;
    let least = Number.POSITIVE_INFINITY;
    let most = 0;
    for (let index = 0; index < count; index++) {
      const value = values[index]!;
      sum += value;
      if (value < least) least = value;
      if (value > most) most = value;
    }
    // What is not a number shows in the sum only.
    if (!(least >= 0 && most < QUICK_US_MAX) || Number.isNaN(sum)) {
      for (let index = 0; index < count; index++) record(values[index]!, 1);
      return;
    }
    sumUs += sum;
    if (most > maxUs) maxUs = most;
    const leastUs = Math.floor(least);
    const mostUs = Math.floor(most);
    addToTotals(count, leastUs, mostUs);
    const bucket = bucketOf(mostUs);
    if (bucketOf(leastUs) === bucket) {
      addTo(bucket, count);
    } else {
      for (let index = 0; index < count; index++) addTo(bucketOf(values[index]! | 0), 1);
    }
  }

  function room(count: number): Float64Array {
    if (count > scratchUs.length) scratchUs = new Float64Array(count * 2);
    return scratchUs;
  }

  return {
    get hdr() {
      return upToDate();
    },
    record,
    recordUntil(untilUs, fromUs, start, end) {
      const values = room(end - start);
      for (let index = start; index < end; index++)
        values[index - start] = untilUs - fromUs[index]!;
      recordScratch(end - start);
    },
    recordPairs(untilUs, fromUs, start, end) {
      const values = room(end - start);
      for (let index = start; index < end; index++) {
        values[index - start] = untilUs[index]! - fromUs[index]!;
      }
      recordScratch(end - start);
    },
    summary: () => summarize(upToDate(), blocks, sumUs, maxUs),
    get saturated() {
      return saturated;
    },
  };
}

function bucketOf(wholeUs: number): number {
  return bucketIndex(wholeUs, bucketShift(wholeUs));
}

/** Half an hour: below it a value in whole microseconds is a small integer. */
const QUICK_US_MAX = 2 ** 31;

/** Buckets a block: 256. */
const BLOCK_BITS = 8;

const FRACTIONS = [0.5, 0.9, 0.95, 0.99, 0.999, 0.9999];

function summarize(
  hdr: HdrHistogram,
  blocks: Float64Array,
  sumUs: number,
  maxUs: number,
): LatencySummary {
  const count = hdr.totalCount;
  const [p50, p90, p95, p99, p999, p9999] = percentiles(hdr, blocks, maxUs);
  return {
    count,
    mean: count === 0 ? 0 : Math.round((sumUs / count) * 10) / 10,
    p50: p50!,
    p90: p90!,
    p95: p95!,
    p99: p99!,
    p999: p999!,
    p9999: p9999!,
    max: Math.round(maxUs),
  };
}

/** The values at the fractions; 0 for an empty histogram. */
function percentiles(hdr: HdrHistogram, blocks: Float64Array, maxUs: number): number[] {
  // The plain arrays: a status must not cost milliseconds while its code is still cold.
  const counts = hdr._counts;
  return FRACTIONS.map((fraction) => {
    const rank = nearestRank(fraction, hdr.totalCount);
    if (rank === 0) return 0;
    let seen = 0;
    let block = 0;
    while (seen + blocks[block]! < rank) seen += blocks[block++]!;
    let index = block << BLOCK_BITS;
    for (seen += counts[index]!; seen < rank; ) seen += counts[++index]!;
    const value = hdr.highestEquivalentValue(hdr.valueFromIndex(index));
    return Math.min(value, Math.round(maxUs));
  });
}

/** ceil(fraction * count), where 0.55 * 100 is 55 although floating point says a little more. */
function nearestRank(fraction: number, count: number): number {
  const exact = fraction * count;
  return Math.ceil(exact - exact * 4 * Number.EPSILON);
}
