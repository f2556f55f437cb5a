// Record processors: what a consuming workload does with the bytes of each record. There is one,
// `timestamp`: it takes the time that a producer wrote into the first 8 bytes of the value (the
// timestamp generators do) for the start of a latency.

import * as v from "valibot";
import { createLatencyHistogram } from "../../measure/latency-histogram.ts";
import { field } from "../../spec/types/field.ts";
import { generatorUnion } from "../../spec/types/generator-union.ts";
import { int32 } from "../../spec/types/integer.ts";
import { specObject } from "../../spec/types/object.ts";
import { typeWord } from "../../spec/types/type-word.ts";

const timestampSchema = v.pipe(
  specObject(
    {
      type: typeWord("timestamp", "Latency from the time in the first 8 bytes of the value."),
      histogramMaxMs: field(int32(), 0, "The upper end of the histogram.", { unit: "ms" }),
      histogramMinMs: field(int32(), 0, "The lower end of the histogram.", { unit: "ms" }),
      histogramStepMs: field(int32(), 0, "The width of a bucket, at least 1.", { unit: "ms" }),
    },
    { typeField: "type" },
  ),
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed) return;
    const { value } = dataset;
    const problem = histogramProblem(value);
    if (problem === undefined) return;
    const key = problem.field;
    addIssue({
      message: problem.message,
      path: [{ type: "object", origin: "value", input: value, key, value: value[key] }],
    });
  }),
);

export type TimestampSpec = v.InferOutput<typeof timestampSchema>;

export const recordProcessor = generatorUnion<TimestampSpec>([timestampSchema]);

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

interface HistogramBounds {
  readonly histogramMaxMs: number;
  readonly histogramMinMs: number;
  readonly histogramStepMs: number;
}

function histogramProblem(
  spec: HistogramBounds,
): { field: keyof HistogramBounds; message: string } | undefined {
  const { histogramMaxMs, histogramMinMs, histogramStepMs } = spec;
  if (histogramStepMs < 1) {
    const message = `expected a bucket's width of at least 1 ms, found ${histogramStepMs}`;
    return { field: "histogramStepMs", message };
  }
  if (histogramMaxMs >= histogramMinMs) return undefined;
  const message = `expected at least histogramMinMs (${histogramMinMs}), found ${histogramMaxMs}`;
  return { field: "histogramMaxMs", message };
}
