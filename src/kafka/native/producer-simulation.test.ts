// The whole native producer against a model cluster in simulated time, for many seeds: whatever
// goes wrong, no acknowledged record is missing, none is in the log twice, the order is kept,
// everything gets an outcome in time, and no memory and no timer is left. A failure names its seed;
// the same seed runs the same way again.

import { afterEach, beforeEach, describe, expect, jest, spyOn, test } from "bun:test";
import { realClock } from "../../platform/clock/real-clock.ts";
import { silentLog } from "../../platform/log/log.ts";
import type { RecordSource } from "../client.ts";
import type { ProducerConf } from "../conf/types.ts";
import { producerConf } from "../conformance/test-load.suite.ts";
import type { Mishaps } from "./mishaps.suite.ts";
import { createModelCluster, type ModelCluster, topicName } from "./model-cluster.suite.ts";
import { createProducer } from "./producer.ts";

const seeds = 150;
const recordCount = 150;
const partitionCount = 4;
/** Batches are looked at for expiry at intervals. */
const expirySlackMs = 250;
const turnsMax = 20_000;

const everything: Mishaps = {
  connection: 0.04,
  refusal: 0.06,
  rejection: 0,
  move: 0.05,
  answer: 0.02,
  late: 0,
};

interface Scenario {
  readonly mishaps: Mishaps;
  readonly conf: Partial<ProducerConf>;
  readonly producerEpoch?: number;
  readonly batchBytesMax?: number;
  readonly source?: RecordSource;
  /** Closes the producer in the middle of the load. */
  readonly closing?: { readonly afterMs: number; readonly timeoutMs: number };
}

interface Run {
  readonly trace: readonly string[];
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

/** A record's key is its position; the value is always the same. */
const constantValue = new Uint8Array(130).fill(0x2a);
const constantSource: RecordSource = {
  fixedSizes: { key: 4, value: constantValue.byteLength },
  constantValue,
  keySize: () => 4,
  valueSize: () => constantValue.byteLength,
  writeKey(position, target, offset) {
    target.set(new TextEncoder().encode(String(position).padStart(4, "0")), offset);
  },
  writeValue: () => {
    throw new Error("a constant value is known");
  },
};
const constant = { idempotence: true, compression: "none", batchSizeBytes: 800 } as const;

/** Lets everything go on that waits for no timer. */
async function turn(): Promise<void> {
  for (let step = 0; step < 20; step++) await Promise.resolve();
}

let base: ProducerConf;
beforeEach(async () => {
  base = await producerConf({ "bootstrap.servers": "model:1" });
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

async function simulate(seed: number, scenario: Scenario): Promise<Run> {
  const { mishaps, conf, closing, producerEpoch = 0, batchBytesMax = 1000 } = scenario;
  const { source = numberedSource } = scenario;
  const random = randomOf(seed);
  const between = (from: number, to: number) => from + Math.floor(random() * (to - from + 1));
  const trace: string[] = [];
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
function problems({ cluster, outcomes, left }: Run): string[] {
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

async function forAllSeeds(scenario: Scenario, check: (run: Run) => string[]): Promise<void> {
  for (let seed = 0; seed < seeds; seed++) {
    const run = await simulate(seed, scenario).catch((error: unknown) => {
      throw new Error(`seed ${seed}: ${String(error)}`);
    });
    const found = check(run);
    if (found.length > 0) {
      throw new Error(`seed ${seed}: ${found.join("; ")}\n${run.trace.slice(-2000).join("\n")}`);
    }
  }
}

function notAcknowledged({ outcomes }: Run): string[] {
  return [...outcomes].filter(([, code]) => code !== "ok").map(String);
}

const idempotent = { idempotence: true };
const hurried = { idempotence: true, deliveryTimeoutMs: 400 };

describe("the idempotent producer in simulated trouble", () => {
  test("acknowledges everything, once and in order, when it has time", async () => {
    await forAllSeeds({ mishaps: everything, conf: idempotent }, (run) => [
      ...problems(run),
      ...notAcknowledged(run),
    ]);
  });

  test("writes nothing twice though brokers do requests of lost connections", async () => {
    const mishaps = { ...everything, late: 0.5 };
    await forAllSeeds({ mishaps, conf: idempotent }, (run) => [
      ...problems(run),
      ...notAcknowledged(run),
    ]);
  });

  test("gives up after delivery.timeout.ms, and keeps its promises for the rest", async () => {
    const mishaps = { ...everything, connection: 0.15, rejection: 0.03 };
    let expired = 0;
    await forAllSeeds({ mishaps, conf: hurried }, (run) => {
      expired += [...run.outcomes.values()].filter((code) => code === "TIMED_OUT").length;
      const isLate = run.slowestMs > hurried.deliveryTimeoutMs + expirySlackMs;
      return [...problems(run), ...(isLate ? [`an outcome came after ${run.slowestMs} ms`] : [])];
    });
    expect(expired).toBeGreaterThan(0);
  });

  test("splits batches that the brokers find too large, which keeps the order", async () => {
    // A batch has room for ten and more of the small records; the large ones fail alone.
    const scenario = { mishaps: everything, conf: idempotent, batchBytesMax: 130 };
    await forAllSeeds(scenario, (run) => {
      const failed = [...run.outcomes].filter(([, code]) => code !== "ok");
      const wrong = failed.filter(([at, code]) => code !== "MESSAGE_TOO_LARGE" || at % 11 > 0);
      return [...problems(run), ...wrong.map(String)];
    });
  });

  test.each([
    ["", everything, 1000],
    [" though brokers do requests of lost connections", { ...everything, late: 0.5 }, 1000],
    [" though its batches are too large", everything, 400],
  ])("writes a constant value once and in order%s", async (_, mishaps, batchBytesMax) => {
    const scenario = { mishaps, conf: constant, source: constantSource, batchBytesMax };
    await forAllSeeds(scenario, (run) => [...problems(run), ...notAcknowledged(run)]);
  });

  test("ends when the epochs of its producer id are used up", async () => {
    const scenario = {
      mishaps: { ...everything, rejection: 0.3 },
      conf: idempotent,
      producerEpoch: 0x7ffe,
    };
    let ended = 0;
    await forAllSeeds(scenario, (run) => {
      if ([...run.outcomes.values()].includes("INVALID_PRODUCER_EPOCH")) ended += 1;
      return problems(run);
    });
    expect(ended).toBeGreaterThan(seeds / 2);
  });

  test("gives every record an outcome when it is closed in the middle", async () => {
    const codes = new Set<string>();
    for (const timeoutMs of [0, 30]) {
      const closing = { afterMs: 150, timeoutMs };
      await forAllSeeds({ mishaps: everything, conf: idempotent, closing }, (run) => {
        for (const code of run.outcomes.values()) codes.add(code);
        return problems(run);
      });
    }
    expect(codes).toEqual(new Set(["ok", "PRODUCER_CLOSED"]));
  });

  test("the same seed runs the same way again", async () => {
    const scenario = { mishaps: everything, conf: idempotent };
    const [first, second] = [await simulate(11, scenario), await simulate(11, scenario)];
    expect(first.trace.length).toBeGreaterThan(50);
    expect(first.trace).toEqual(second.trace);
  });
});

describe("the producer without idempotence in simulated trouble", () => {
  test("loses nothing that was acknowledged", async () => {
    const conf = { idempotence: false };
    await forAllSeeds({ mishaps: { ...everything, late: 0.2 }, conf }, (run) => [
      ...problems(run).filter((problem) => !/is twice|is behind/.test(problem)),
      ...notAcknowledged(run),
    ]);
  });
});
