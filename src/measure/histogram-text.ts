// Histograms as the texts that HdrHistogram's plotters and analysers read. Histograms count
// microseconds; the texts show milliseconds, as most tools of this kind write them.

import type { HdrHistogram } from "./hdr-histogram.ts";
import { encodeHistogram } from "./histogram-encoding.ts";

const US_PER_MS = 1000;
const TICKS_PER_HALF_DISTANCE = 5;

/** One line of an interval log: the samples between two times on the wall clock. */
export interface HistogramInterval {
  readonly startMs: number;
  readonly endMs: number;
  readonly histogram: HdrHistogram;
  /** Readers that know tags tell several histograms of one file apart by it; no comma or blank. */
  readonly tag?: string;
}

/** The percentile distribution: value, percentile, count, 1/(1-percentile), with the footer. */
export function percentileText(histogram: HdrHistogram): string {
  return histogram.outputPercentileDistribution(TICKS_PER_HALF_DISTANCE, US_PER_MS);
}

/** The interval log, format 1.3. */
export function intervalLogText(startMs: number, intervals: readonly HistogramInterval[]): string {
  const lines = [
    "#[Latencies in microseconds, maxima in milliseconds, written by Trogdor]",
    "#[Histogram log format version 1.3]",
    `#[StartTime: ${seconds(startMs)} (seconds since epoch), ${new Date(startMs).toISOString()}]`,
    '"StartTimestamp","Interval_Length","Interval_Max","Interval_Compressed_Histogram"',
    ...intervals.map((interval) => intervalLine(startMs, interval)),
  ];
  return `${lines.join("\n")}\n`;
}

function intervalLine(logStartMs: number, interval: HistogramInterval): string {
  const { startMs, endMs, histogram, tag } = interval;
  const prefix = tag === undefined ? "" : `Tag=${tag},`;
  const maxMs = (histogram.maxValue / US_PER_MS).toFixed(3);
  const times = `${seconds(startMs - logStartMs)},${seconds(endMs - startMs)}`;
  return `${prefix}${times},${maxMs},${encodeHistogram(histogram)}`;
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}
