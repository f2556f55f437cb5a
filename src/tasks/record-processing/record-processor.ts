// Record processors at work: see record-processor-spec.ts. Kept apart from the specs, which are
// loaded for every help text.

import { createLatencyHistogram } from "../../measure/latency-histogram.ts";
import type { TimestampSpec } from "./record-processor-spec.ts";

export interface RecordProcessorStatus {
  readonly averageLatencyMs: number;
  readonly p50LatencyMs: number;
  readonly p95LatencyMs: number;
  readonly p99LatencyMs: number;
  /** Ours: values that hold no time, and times that lie ahead of this node's clock. */
  readonly skipped: number;
  readonly negative: number;
}

export interface RecordProcessor {
  process(value: Uint8Array, offset: number, size: number, nowMs: number): void;
  status(): RecordProcessorStatus;
}

/** One for each consumer, so that each has its own figures. */
export function createRecordProcessor(spec: TimestampSpec): RecordProcessor {
  const histogram = createLatencyHistogram();
  const { histogramMinMs, histogramStepMs } = spec;
  let skipped = 0;
  let negative = 0;
  /** As the reference's buckets: the lower end of the step that a latency falls into. */
  const stepped = (latencyUs: number) =>
    Math.floor((latencyUs / 1000 - histogramMinMs) / histogramStepMs) * histogramStepMs +
    histogramMinMs;
  return {
    process(value, offset, size, nowMs) {
      if (size < 8) {
        skipped += 1;
        return;
      }
      const latencyMs = nowMs - readInt64(value, offset);
      if (latencyMs < 0) negative += 1;
      histogram.record(latencyMs * 1000, 1);
    },
    status() {
      const { mean, p50, p95, p99 } = histogram.summary();
      return {
        averageLatencyMs: Math.round(mean) / 1000,
        p50LatencyMs: stepped(p50),
        p95LatencyMs: stepped(p95),
        p99LatencyMs: stepped(p99),
        skipped,
        negative,
      };
    },
  };
}

/** Little endian, as the timestamp generators write it; exact up to 2^53. */
function readInt64(bytes: Uint8Array, offset: number): number {
  const low =
    bytes[offset]! |
    (bytes[offset + 1]! << 8) |
    (bytes[offset + 2]! << 16) |
    (bytes[offset + 3]! << 24);
  const high =
    bytes[offset + 4]! |
    (bytes[offset + 5]! << 8) |
    (bytes[offset + 6]! << 16) |
    (bytes[offset + 7]! << 24);
  return high * 0x1_0000_0000 + (low >>> 0);
}
