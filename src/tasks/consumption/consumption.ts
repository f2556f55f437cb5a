// One consumer of a measured load: takes records as fast as it may, counts and measures them, and
// ends at its number of messages, at its consumer's first fatal error, or when it is told to. The
// hot path of a consuming workload: nothing is allocated or looked up for a record.

import type {
  Consumer,
  PartitionProgress,
  RecordCursor,
  RecordTally,
  TopicPartition,
} from "../../kafka/client.ts";
import { createAllowance } from "../../measure/allowance.ts";
import { createLatencyHistogram, type LatencyHistogram } from "../../measure/latency-histogram.ts";
import type { Clock } from "../../platform/clock/clock.ts";
import type { RecordProcessor } from "../record-processing/record-processor.ts";

/** What it needs of a consumer. */
export type TakingConsumer = Pick<
  Consumer,
  "onRecords" | "onRebalance" | "onError" | "onFatal" | "pause" | "lagRecords" | "trouble" | "close"
> & { progress(): readonly AssignedPartition[] };

/** Position and end, where there are any. */
export type AssignedPartition = TopicPartition & Partial<PartitionProgress>;

export interface ConsumptionOptions {
  readonly clientId: string;
  readonly consumer: TakingConsumer;
  readonly clock: Clock;
  readonly maxMessages: number;
  /** Undefined: as fast as the records come. */
  readonly ratePerSec: number | undefined;
  /** Takes all that is offered at once, and waits afterwards for what was too much. */
  readonly takesWhole: boolean;
  readonly processor: RecordProcessor | undefined;
  /** Shared by all consumers of the worker. */
  readonly endToEnd: EndToEnd;
}

/** Latencies from the records' own time stamps, over all consumers. */
export interface EndToEnd {
  readonly histogram: LatencyHistogram;
  /** Records from the future, and how far: a clock is off by that much at the least. */
  negative: number;
  clockAheadMs: number;
  /** The age of the youngest record, by two clocks; Infinity before there was one. */
  leastAgeMs: number;
}

export interface Consumption {
  readonly clientId: string;
  readonly received: number;
  readonly bytes: number;
  /** Time between the batches, repeated for each of their records: the reference's latency. */
  readonly batchLatency: LatencyHistogram;
  readonly processor: RecordProcessor | undefined;
  /** Failures by code, also those that were tried again. */
  readonly errors: ReadonlyMap<string, number>;
  readonly rebalances: number;
  readonly lost: number;
  readonly lagRecords: number;
  readonly assigned: readonly AssignedPartition[];
  /** Partitions of which no answer has come yet: they are not in the lag. */
  readonly lagUnknown: number;
  /** When the last records came; 0 before. */
  readonly lastReceivedUs: number;
  readonly isDone: boolean;
  /** Why nothing comes, as far as the consumer knows. */
  readonly trouble: string | undefined;
  /** Resolves when all messages were taken; rejects with what ended the consumer. */
  readonly done: Promise<void>;
  /** Takes nothing more and closes the consumer. */
  close(timeoutMs: number): Promise<void>;
}

/** Time stamps in a row that are counted at once. */
const RUNS_MAX = 512;

export function createEndToEnd(): EndToEnd {
  return {
    histogram: createLatencyHistogram(),
    negative: 0,
    clockAheadMs: 0,
    leastAgeMs: Infinity,
  };
}

export function createConsumption(options: ConsumptionOptions): Consumption {
  const { clientId, consumer, clock, maxMessages, takesWhole, processor, endToEnd } = options;
  const allowance =
    options.ratePerSec === undefined ? undefined : createAllowance(options.ratePerSec);
  const batchLatency = createLatencyHistogram();
  const tally: RecordTally = { bytes: 0, runs: new Float64Array(2 * RUNS_MAX), runCount: 0 };
  const errors = new Map<string, number>();
  const ended = new AbortController();
  const { promise: done, resolve, reject } = Promise.withResolvers<void>();
  done.catch(() => {});
  let received = 0;
  let bytes = 0;
  let rebalances = 0;
  let lost = 0;
  let lastReceivedUs = 0;
  let batchEndUs = clock.nowUs();
  let isDone = maxMessages <= 0;
  let closing: Promise<void> | undefined;
  let atClose: { assigned: readonly AssignedPartition[]; lagRecords: number } | undefined;

  /** Takes at most `limit` records as a whole, as far as that goes; answers how many. */
  function tallyRecords(records: RecordCursor, limit: number, nowMs: number): number {
    for (let count = 0; ; ) {
      const taken = count < limit ? (records.tally?.(limit - count, tally) ?? 0) : 0;
      if (taken === 0) return count;
      for (let run = 0; run < tally.runCount; run++) {
        noteAge(nowMs - tally.runs[2 * run]!, tally.runs[2 * run + 1]!);
      }
      bytes += tally.bytes;
      count += taken;
    }
  }

  /** Takes at most `limit` records; answers how many there were. */
  function takeRecords(records: RecordCursor, limit: number, nowMs: number): number {
    let count = processor === undefined ? tallyRecords(records, limit, nowMs) : 0;
    let size = 0;
    // Neighbours mostly have the same time stamp: a run of them is one entry in the histogram.
    let runMs = 0;
    let run = 0;
    while (count < limit && records.next()) {
      const { keySize, valueSize, timestampMs } = records;
      if (keySize > 0) size += keySize;
      if (valueSize > 0) size += valueSize;
      if (timestampMs !== runMs) {
        if (run > 0) noteAge(nowMs - runMs, run);
        runMs = timestampMs;
        run = 0;
      }
      run += 1;
      count += 1;
      if (processor !== undefined) {
        processor.process(records.bytes, records.valueOffset, valueSize, nowMs);
      }
    }
    if (run > 0) noteAge(nowMs - runMs, run);
    bytes += size;
    return count;
  }

  function noteAge(ageMs: number, count: number): void {
    endToEnd.histogram.record(ageMs * 1000, count);
    if (ageMs < endToEnd.leastAgeMs) endToEnd.leastAgeMs = ageMs;
    if (ageMs >= 0) return;
    endToEnd.negative += count;
    endToEnd.clockAheadMs = Math.max(endToEnd.clockAheadMs, -ageMs);
  }

  function take(records: RecordCursor): void | Promise<void> {
    if (isDone || ended.signal.aborted) return;
    const nowUs = clock.nowUs();
    const nowMs = clock.nowMs();
    const mayTake = allowance?.available(nowUs) ?? Number.POSITIVE_INFINITY;
    const limit = Math.min(takesWhole ? Number.POSITIVE_INFINITY : mayTake, maxMessages - received);
    const taken = takeRecords(records, limit, nowMs);
    if (taken > 0) {
      received += taken;
      lastReceivedUs = nowUs;
      batchLatency.record(nowUs - batchEndUs, taken);
      batchEndUs = clock.nowUs();
    }
    if (received >= maxMessages) {
      isDone = true;
      consumer.pause();
      resolve();
      return;
    }
    if (allowance === undefined) return;
    allowance.take(taken);
    if (taken < mayTake) return;
    const waitMs = Math.ceil((allowance.nextUs() - clock.nowUs()) / 1000);
    return clock.sleep(Math.max(1, waitMs), ended.signal);
  }

  consumer.onRecords = take;
  consumer.onError = ({ code }) => errors.set(code, (errors.get(code) ?? 0) + 1);
  consumer.onFatal = reject;
  consumer.onRebalance = ({ kind }) => {
    if (kind === "assigned") rebalances += 1;
    if (kind === "lost") lost += 1;
  };
  if (isDone) resolve();

  return {
    clientId,
    batchLatency,
    processor,
    errors,
    done,
    get received() {
      return received;
    },
    get bytes() {
      return bytes;
    },
    get rebalances() {
      return rebalances;
    },
    get lost() {
      return lost;
    },
    get lagRecords() {
      return atClose?.lagRecords ?? consumer.lagRecords;
    },
    get assigned() {
      return atClose?.assigned ?? consumer.progress();
    },
    get lagUnknown() {
      const assigned = atClose?.assigned ?? consumer.progress();
      return assigned.filter((each) => "endOffset" in each && each.endOffset === undefined).length;
    },
    get lastReceivedUs() {
      return lastReceivedUs;
    },
    get isDone() {
      return isDone;
    },
    get trouble() {
      return consumer.trouble?.message;
    },
    close(timeoutMs) {
      atClose ??= { assigned: consumer.progress(), lagRecords: consumer.lagRecords };
      ended.abort();
      closing ??= consumer.close(timeoutMs);
      return closing;
    },
  };
}
