// Writes the latency histograms of a finished task where HdrHistogram's plotters can read them.
// A name that ends in .hlog or .log gets an interval log (HistogramLogAnalyzer), any other one
// the percentile text (the HdrHistogram web plotter, wrk2's format). The corrected latencies go to
// FILE itself; each other histogram to FILE with its name before the suffix, because the web
// plotter knows no tags.

import { access, constants, stat, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { TrogdorError } from "../../core/trogdor-error.ts";
import type { HdrHistogram } from "../../measure/hdr-histogram.ts";
import { decodeHistogram } from "../../measure/histogram-encoding.ts";
import {
  type HistogramInterval,
  intervalLogText,
  percentileText,
} from "../../measure/histogram-text.ts";

/** Snapshots kept for an interval log: more than a day at one in ten seconds. */
export const snapshotsMax = 10_000;

const primaryName = "corrected";

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
        const text = isLog
          ? intervalLogText(startMs, intervals(snapshots, startMs))
          : percentileText(decodeHistogram(snapshots.at(-1)!.encodedBase64));
        texts.set(histogramPath(path, name), text);
      }
      return texts;
    },
  };
}

/** Refuses a path that cannot be written before the task runs, not after. */
export async function checkHistogramPath(path: string | undefined): Promise<void> {
  if (path === undefined) return;
  const folder = dirname(path);
  const found = await stat(path).catch(() => undefined);
  const target = found === undefined ? folder : path;
  const isWritable = await access(target, constants.W_OK).then(
    () => true,
    () => false,
  );
  if (isWritable && found?.isDirectory() !== true) return;
  const why = found?.isDirectory() ? "it is a directory" : `${folder} is missing or not writable`;
  throw new TrogdorError("usage", `Option "--histogram" is "${path}", but ${why}`);
}

/** Resolves with the names of the files that were written. */
export async function writeHistogramFiles(files: HistogramFiles, path: string): Promise<string[]> {
  const texts = files.texts(path);
  for (const [name, text] of texts) {
    try {
      await writeFile(name, text);
    } catch (cause) {
      throw new TrogdorError("task", `Cannot write ${name}: ${String(cause)}`, { cause });
    }
  }
  return [...texts.keys()];
}

/** `out/latency.hlog` and `service` -> `out/latency.service.hlog`. */
export function histogramPath(path: string, name: string): string {
  if (name === primaryName) return path;
  const match = /^(.*[^/])(\.[^./]+)$/.exec(path);
  return match === null ? `${path}.${name}` : `${match[1]}.${name}${match[2]}`;
}

/** What came between two reports: the difference of the histograms that were reported. */
function intervals(snapshots: readonly Snapshot[], logStartMs: number): HistogramInterval[] {
  const found: HistogramInterval[] = [];
  let before: HdrHistogram | undefined;
  let startMs = logStartMs;
  for (const { atMs, encodedBase64 } of snapshots) {
    const total = decodeHistogram(encodedBase64);
    const histogram = decodeHistogram(encodedBase64);
    // A histogram that was emptied in between (the end of a warm-up) starts anew.
    if (before !== undefined && before.totalCount <= total.totalCount) {
      histogram.subtract(before);
      histogram.establishInternalTackingValues();
    }
    found.push({ startMs, endMs: atMs, histogram });
    before = total;
    startMs = atMs;
  }
  return found;
}
