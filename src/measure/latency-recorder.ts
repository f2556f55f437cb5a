// Turns the outcomes of sends into the numbers of a status: three latencies, the pacing error,
// counts and bytes. Failed records are counted by error and never enter a percentile; records whose
// intended time lies in the warm-up are counted but left out of the histograms.
//
//     intended ---pacing error--- appended ------------- socket ---service--- answer
//     |<------------------------------ corrected ---------------------------->|
//                                 |<------------- client --------------------->|

import { createLatencyHistogram, type LatencyHistogram } from "./latency-histogram.ts";

/** What it needs of a Kafka client's SendOutcome: see src/kafka/client.ts. */
export interface MeasuredOutcome {
  readonly count: number;
  readonly intendedUs: Float64Array;
  readonly appendedUs: Float64Array;
  readonly sentUs: number;
  readonly completedUs: number;
  readonly payloadBytes: number;
  readonly error: (Error & { readonly code: string }) | undefined;
}

/** The reference's fields: latency from the call of send, in milliseconds. */
export interface ReferenceLatency {
  readonly averageLatencyMs: number;
  readonly p50LatencyMs: number;
  readonly p95LatencyMs: number;
  readonly p99LatencyMs: number;
}

export interface LatencyRecorder {
  /** Takes an outcome; keeps nothing of it. */
  record(outcome: MeasuredOutcome): void;
  readonly corrected: LatencyHistogram;
  readonly service: LatencyHistogram;
  readonly pacing: LatencyHistogram;
  readonly acknowledged: number;
  readonly failed: number;
  /** Failed records by error code. */
  readonly errors: ReadonlyMap<string, number>;
  /** The message of the first failure, for the task's error. */
  readonly firstError: Error | undefined;
  readonly lastError: Error | undefined;
  /** Bytes of keys and values of acknowledged records. */
  readonly bytes: number;
  /** Acknowledged records that the histograms leave out. */
  readonly warmupExcluded: number;
  /** When the last answer came; 0 before. */
  readonly lastCompletedUs: number;
  /** Values above a histogram's bound, over all histograms. */
  readonly saturated: number;
  referenceLatency(): ReferenceLatency;
}

export interface LatencyRecorderOptions {
  /** Records intended before this time stay out of the histograms. */
  readonly measureFromUs: number;
}

export function createLatencyRecorder(options: LatencyRecorderOptions): LatencyRecorder {
  const { measureFromUs } = options;
  const corrected = createLatencyHistogram();
  const service = createLatencyHistogram();
  const client = createLatencyHistogram();
  const pacing = createLatencyHistogram();
  const errors = new Map<string, number>();
  let acknowledged = 0;
  let failed = 0;
  let bytes = 0;
  let warmupExcluded = 0;
  let lastCompletedUs = 0;
  let firstError: Error | undefined;
  let lastError: Error | undefined;

  function recordAcknowledged(outcome: MeasuredOutcome): void {
    const { count, completedUs } = outcome;
    acknowledged += count;
    bytes += outcome.payloadBytes;
    const start = warmupRecords(outcome, measureFromUs);
    warmupExcluded += start;
    if (start === count) return;
    corrected.recordUntil(completedUs, outcome.intendedUs, start, count);
    client.recordUntil(completedUs, outcome.appendedUs, start, count);
    service.record(completedUs - outcome.sentUs, count - start);
  }

  function recordFailed(count: number, code: string, error: Error): void {
    failed += count;
    errors.set(code, (errors.get(code) ?? 0) + count);
    firstError ??= error;
    lastError = error;
  }

  return {
    corrected,
    service,
    pacing,
    errors,
    record(outcome) {
      lastCompletedUs = outcome.completedUs;
      const { error, count } = outcome;
      if (error === undefined) recordAcknowledged(outcome);
      else recordFailed(count, error.code, error);
      const start = warmupRecords(outcome, measureFromUs);
      pacing.recordPairs(outcome.appendedUs, outcome.intendedUs, start, count);
    },
    referenceLatency() {
      const summary = client.summary();
      return {
        averageLatencyMs: Math.round(summary.mean) / 1000,
        p50LatencyMs: Math.round(summary.p50 / 1000),
        p95LatencyMs: Math.round(summary.p95 / 1000),
        p99LatencyMs: Math.round(summary.p99 / 1000),
      };
    },
    get acknowledged() {
      return acknowledged;
    },
    get failed() {
      return failed;
    },
    get firstError() {
      return firstError;
    },
    get lastError() {
      return lastError;
    },
    get bytes() {
      return bytes;
    },
    get warmupExcluded() {
      return warmupExcluded;
    },
    get lastCompletedUs() {
      return lastCompletedUs;
    },
    get saturated() {
      return corrected.saturated + service.saturated + client.saturated + pacing.saturated;
    },
  };
}

/** How many records at the front of the batch belong to the warm-up; intended times ascend. */
function warmupRecords(outcome: MeasuredOutcome, measureFromUs: number): number {
  const { intendedUs, count } = outcome;
  let start = 0;
  while (start < count && intendedUs[start]! < measureFromUs) start++;
  return start;
}
