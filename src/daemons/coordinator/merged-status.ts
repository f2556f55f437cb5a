// The member `trogdor.merged` of a task on several nodes: the latency histograms of its workers
// (`histograms` in each worker's status: name to HdrHistogram's compressed V2 encoding in base64)
// merged without loss, with the percentiles that people look for, in microseconds.

import type { JsonText } from "../../core/spec-data.ts";
import type { HdrHistogram } from "../../measure/hdr-histogram.ts";
import { decodeHistogram, encodeHistogram } from "../../measure/histogram-encoding.ts";

/** Undefined when there is nothing to merge. */
export function mergedStatus(status: JsonText): JsonText | undefined {
  if (!status.includes('"histograms":{')) return undefined;
  const nodes = membersOf(JSON.parse(status));
  const merged = new Map<string, HdrHistogram>();
  let count = 0;
  for (const [, workerStatus] of nodes) {
    const histograms = membersOf(membersOf(workerStatus).get("histograms"));
    if (histograms.size > 0) count += 1;
    for (const [name, encoded] of histograms) addTo(merged, name, encoded);
  }
  if (count < 2 || merged.size === 0) return undefined;
  const names = [...merged.keys()].sort();
  const figures = names.map((name) => [name, figuresOf(merged.get(name)!)]);
  const texts = names.map((name) => [name, encodeHistogram(merged.get(name)!)]);
  return JSON.stringify({
    workers: count,
    latencyUs: Object.fromEntries(figures),
    histograms: Object.fromEntries(texts),
  });
}

function membersOf(value: unknown): ReadonlyMap<string, unknown> {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  return new Map(isObject ? Object.entries(value) : []);
}

/** What is no histogram is left out: statuses come from anywhere. */
function addTo(merged: Map<string, HdrHistogram>, name: string, encoded: unknown): void {
  if (typeof encoded !== "string") return;
  try {
    const histogram = decodeHistogram(encoded);
    const sum = merged.get(name);
    if (sum === undefined) merged.set(name, histogram);
    else sum.add(histogram);
  } catch {
    // Not a histogram.
  }
}

function figuresOf(histogram: HdrHistogram) {
  return {
    count: histogram.totalCount,
    p50: histogram.getValueAtPercentile(50),
    p95: histogram.getValueAtPercentile(95),
    p99: histogram.getValueAtPercentile(99),
    p999: histogram.getValueAtPercentile(99.9),
    max: histogram.maxValue,
  };
}
