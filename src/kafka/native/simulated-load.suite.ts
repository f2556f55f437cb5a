// A load through the whole native producer to a model cluster in simulated time. All chance comes
// from a seed: the same seed runs the same way again.

import { afterEach, beforeEach, jest, spyOn } from "bun:test";
import { realClock } from "../../platform/clock/real-clock.ts";
import { silentLog } from "../../platform/log/log.ts";
import type { RecordSource } from "../client.ts";
import type { ProducerConf } from "../conf/types.ts";
import { producerConf } from "../conformance/test-load.suite.ts";
import type { Mishaps } from "./mishaps.suite.ts";
import { createModelCluster, type ModelCluster, topicName } from "./model-cluster.suite.ts";
import { createProducer } from "./producer.ts";

/** Each scenario runs for so many seeds; another first seed tries what no run has tried yet. */
export const seeds = Number(process.env["TROGDOR_PRODUCER_SEEDS"] ?? 150);
export const firstSeed = Number(process.env["TROGDOR_PRODUCER_FIRST_SEED"] ?? 0);
const partitionCount = 4;
/** Batches are looked at for expiry at intervals. */
export const expirySlackMs = 250;
const turnsMax = 20_000;

export const everything: Mishaps = {
  connection: 0.04,
  refusal: 0.06,
  rejection: 0,
  move: 0.05,
  answer: 0.02,
  late: 0,
};

export interface Scenario {
  readonly mishaps: Mishaps;
  readonly conf: Partial<ProducerConf>;
  readonly producerEpoch?: number;
  readonly batchBytesMax?: number;
  readonly source?: RecordSource;
  readonly records?: number;
  /** Closes the producer in the middle of the load. */
  readonly closing?: { readonly afterMs: number; readonly timeoutMs: number };
}

export interface Run {
  readonly trace: readonly string[];
  /** The Produce requests that brokers got, in their order. */
  readonly frames: readonly Uint8Array[];
  readonly recordCount: number;
  readonly cluster: ModelCluster;
  /** By record: its error code, or "ok". */
  readonly outcomes: ReadonlyMap<number, string>;
  readonly slowestMs: number;
  readonly left: { readonly records: number; readonly bytes: number; readonly timers: number };
}

/** Numbers from 0 to 1, the same for the same seed (xorshift32 over a scrambled seed). */
function randomOf(seed: number): () => number {
  let state = Math.imul(seed + 1, 0x9e3779b1) | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

/** A record's value is its position; some values are larger than a batch. */
const valueSize = (position: number) => (position % 11 === 0 ? 400 : 6 + (position % 3));
const numberedSource: RecordSource = {
  keySize: () => -1,
  valueSize,
  writeKey: () => {},
  writeValue(position, target, offset) {
    const text = String(position).padStart(valueSize(position), "0");
    target.set(new TextEncoder().encode(text), offset);
  },
};

/** Lets everything go on that waits for no timer. */
async function turn(): Promise<void> {
  for (let step = 0; step < 20; step++) await Promise.resolve();
}

let base: ProducerConf;

/** For the top of a test file. */
export function simulateTime(): void {
  beforeEach(async () => {
    base = await producerConf({ "bootstrap.servers": "model:1" });
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });
}

export async function simulate(seed: number, scenario: Scenario): Promise<Run> {
  const { mishaps, conf, closing, producerEpoch = 0, batchBytesMax = 1000 } = scenario;
  const { source = numberedSource, records: recordCount = 150 } = scenario;
  const random = randomOf(seed);
  const between = (from: number, to: number) => from + Math.floor(random() * (to - from + 1));
  const trace: string[] = [];
  const frames: Uint8Array[] = [];
  // Two runs of one seed send the same times.
  jest.setSystemTime(1_700_000_000_000);
  const startMs = Date.now();
  const note = (line: string) => trace.push(`${(Date.now() - startMs).toFixed(3)} ${line}`);
  const jitter = spyOn(Math, "random").mockImplementation(random);
  const cluster = createModelCluster({
    partitionCount,
    requestTimeoutMs: 200,
    mishaps,
    producerEpoch,
    batchBytesMax,
    random,
    trace: note,
    onFrame: (frame) => frames.push(frame),
  });
  const full: ProducerConf = {
    ...base,
    lingerMs: between(0, 20),
    batchSizeBytes: between(100, 300),
    bufferMemoryBytes: 6000,
    maxRequestSizeBytes: between(600, 3000),
    compression: random() < 0.3 ? "gzip" : "none",
    maxInFlight: between(1, 5),
    retryBackoffMs: between(1, 30),
    retryBackoffMaxMs: 100,
    requestTimeoutMs: 200,
    ...conf,
  };
  const environment = { clock: realClock, log: silentLog };
  const producer = createProducer(full, source, environment, cluster.control);
  const outcomes = new Map<number, string>();
  let slowestMs = 0;
  producer.onOutcome = ({ count, intendedUs, appendedUs, completedUs, error }) => {
    for (let index = 0; index < count; index++) {
      const position = intendedUs[index]!;
      if (outcomes.has(position)) throw new Error(`record ${position} has two outcomes`);
      outcomes.set(position, error?.code ?? "ok");
      slowestMs = Math.max(slowestMs, (completedUs - appendedUs[index]!) / 1000);
    }
    note(`${count} from ${intendedUs[0]}: ${error?.code ?? "ok"}`);
  };

  async function load(): Promise<void> {
    await producer.start([topicName], new AbortController().signal);
    for (let position = 0; position < recordCount; position++) {
      const topicPartition = between(0, partitionCount - 1);
      while (!producer.send(topicName, topicPartition, position, position)) await producer.room();
      if (random() < 0.2) await realClock.sleep(between(0, 40));
    }
    cluster.heal();
    producer.flush();
    await producer.settled();
  }

  async function close(timeoutMs: number): Promise<void> {
    await producer.close(timeoutMs);
    note("closed");
  }

  async function drive(work: Promise<unknown>): Promise<void> {
    let isDone = false;
    const ended = work.finally(() => {
      isDone = true;
    });
    for (let turns = 0; turns < turnsMax; turns++) {
      await turn();
      if (isDone) break;
      jest.advanceTimersToNextTimer();
    }
    if (!isDone) throw new Error(`not settled: ${recordCount - outcomes.size} records are left`);
    await ended;
  }

  try {
    const closed = closing && realClock.sleep(closing.afterMs).then(() => close(closing.timeoutMs));
    await drive(Promise.all([load(), closed]));
    await drive(close(1000));
    const { records, bytes } = producer.buffered;
    return {
      trace,
      frames,
      recordCount,
      cluster,
      outcomes,
      slowestMs,
      left: { records, bytes, timers: jest.getTimerCount() - cluster.timerCount },
    };
  } finally {
    jitter.mockRestore();
    jest.clearAllTimers();
  }
}

/** What is wrong with the run, in words. */
export function problems({ cluster, outcomes, left, recordCount }: Run): string[] {
  const found: string[] = [];
  const seen = new Set<number>();
  for (const [index, partition] of cluster.partitions.entries()) {
    let last = -1;
    for (const number of partition.log.flatMap((batch) => batch.numbers)) {
      if (seen.has(number)) found.push(`record ${number} is twice in partition ${index}`);
      else if (number < last)
        found.push(`record ${number} is behind ${last} in partition ${index}`);
      seen.add(number);
      last = Math.max(last, number);
    }
  }
  for (let position = 0; position < recordCount; position++) {
    const outcome = outcomes.get(position);
    if (outcome === undefined) found.push(`record ${position} has no outcome`);
    if (outcome === "ok" && !seen.has(position)) found.push(`record ${position} is lost`);
  }
  if (left.records + left.bytes + left.timers > 0) found.push(`left over: ${JSON.stringify(left)}`);
  return found;
}

/** Throws with the seed and the end of its trace when `check` finds something. */
export async function forAllSeeds(
  scenario: Scenario,
  check: (run: Run) => string[],
): Promise<void> {
  for (let seed = firstSeed; seed < firstSeed + seeds; seed++) {
    const run = await simulate(seed, scenario).catch((error: unknown) => {
      throw new Error(`seed ${seed}: ${String(error)}`);
    });
    const found = check(run);
    if (found.length > 0) {
      throw new Error(`seed ${seed}: ${found.join("; ")}\n${run.trace.slice(-2000).join("\n")}`);
    }
  }
}

export function notAcknowledged({ outcomes }: Run): string[] {
  return [...outcomes].filter(([, code]) => code !== "ok").map(String);
}
