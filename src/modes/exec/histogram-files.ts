// Writes the latency histograms of a finished task where HdrHistogram's plotters can read them.
// A name that ends in .hlog or .log gets an interval log (HistogramLogAnalyzer, hlogplot), any other
// the percentile text (the HdrHistogram web plotter, wrk2's format). The corrected latencies go to
// FILE itself; each other histogram to FILE with its name before the suffix, because the web
// plotter knows no tags.

import { decodeFromCompressedBase64, HistogramLogWriter } from "hdr-histogram-js";

/** Snapshots kept for an interval log: more than a day at one in ten seconds. */
export const snapshotsMax = 10_000;

const primaryName = "corrected";
/** Histograms count microseconds; the texts are in milliseconds, as most tools of this kind write. */
const microsPerMilli = 1000;

interface Snapshot {
  readonly atMs: number;
  readonly encodedBase64: string;
}

export interface HistogramFiles {
  take(name: string, encodedBase64: string): void;
  /** The files' names and texts. */
  texts(path: string): Map<string, string>;
}

/** Keeps what the worker reports, encoded: decoding would take time from the load. */
export function histogramFiles(nowMs: () => number): HistogramFiles {
  const startMs = nowMs();
  const byName = new Map<string, Snapshot[]>();
  return {
    take(name, encodedBase64) {
      const snapshots = byName.get(name) ?? [];
      byName.set(name, snapshots);
      // Each report holds all samples so far, so the newest may stand for those before it.
      if (snapshots.length >= snapshotsMax) snapshots.pop();
      snapshots.push({ atMs: nowMs(), encodedBase64 });
    },
    texts(path) {
      const isLog = /\.h?log$/.test(path);
      const texts = new Map<string, string>();
      for (const [name, snapshots] of byName) {
        const text = isLog ? intervalLog(snapshots, startMs) : percentileText(snapshots);
        texts.set(histogramPath(path, name), text);
      }
      return texts;
    },
  };
}

/** `out/latency.hlog` and `service` -> `out/latency.service.hlog`. */
export function histogramPath(path: string, name: string): string {
  if (name === primaryName) return path;
  const match = /^(.*[^/])(\.[^./]+)$/.exec(path);
  return match === null ? `${path}.${name}` : `${match[1]}.${name}${match[2]}`;
}

function percentileText(snapshots: readonly Snapshot[]): string {
  const histogram = decodeFromCompressedBase64(snapshots.at(-1)!.encodedBase64);
  return histogram.outputPercentileDistribution(5, microsPerMilli);
}

/** One line for each time between two reports. */
function intervalLog(snapshots: readonly Snapshot[], startMs: number): string {
  let text = "";
  const writer = new HistogramLogWriter((line) => {
    text += line;
  });
  writer.outputComment("[Latencies in microseconds, maximum in milliseconds, written by Trogdor]");
  writer.outputLogFormatVersion();
  writer.outputStartTime(startMs);
  writer.outputLegend();
  let before: string | undefined;
  let fromMs = startMs;
  for (const { atMs, encodedBase64 } of snapshots) {
    const interval = decodeFromCompressedBase64(encodedBase64);
    if (before !== undefined) interval.subtract(decodeFromCompressedBase64(before));
    writer.outputIntervalHistogram(interval, fromMs / 1000, atMs / 1000, microsPerMilli);
    before = encodedBase64;
    fromMs = atMs;
  }
  return text;
}
