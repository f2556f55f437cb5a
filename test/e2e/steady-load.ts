// A load for tests of what a producer makes of faults: numbered records at an even rate, round
// robin over the topicPartitions, and which of them were acknowledged. A record's value is its
// number.

import type { Producer, RecordSource, SendOutcome } from "../../src/kafka/client.ts";
import type { ReadRecord } from "../../src/kafka/conformance/read-back.suite.ts";
import {
  environment,
  type JavaConf,
  producerConf,
  unstopped,
} from "../../src/kafka/conformance/test-load.suite.ts";
import { nativeClients } from "../../src/kafka/native/clients.ts";
import type { Log } from "../../src/platform/log/log.ts";

const tickMs = 10;
const numberBytes = 8;

const { clock } = environment;

/** A record's value is its position, in eight digits. */
export const numberedSource: RecordSource = {
  keySize: () => -1,
  valueSize: () => numberBytes,
  writeKey: () => {},
  writeValue(position, target, offset) {
    let rest = position;
    for (let at = offset + numberBytes - 1; at >= offset; at--) {
      target[at] = 48 + (rest % 10);
      rest = Math.floor(rest / 10);
    }
  },
};

export interface LoadRequest {
  readonly topic: string;
  readonly partitionCount: number;
  readonly ratePerSec: number;
  readonly conf: JavaConf;
  readonly log?: Log;
}

export interface SteadyLoad extends AsyncDisposable {
  /**
   * Resolves when every topicPartition has acknowledged this many records that were sent from now
   * on.
   */
  progressed(count: number): Promise<void>;
  /** Sends no more and waits for all outcomes. */
  stop(): Promise<void>;
  readonly sentCount: number;
  readonly buffered: Producer["buffered"];
  /** By number: true when it was acknowledged. */
  readonly acknowledged: readonly (boolean | undefined)[];
  /** The errors of the failed records, with their counts. */
  readonly failures: ReadonlyMap<string, number>;
}

interface Waiter {
  readonly fromPosition: number;
  readonly left: number[];
  readonly resolve: () => void;
}

/** Starts a native producer and its load. */
export async function startSteadyLoad(request: LoadRequest): Promise<SteadyLoad> {
  const { topic, partitionCount, ratePerSec } = request;
  const conf = await producerConf(request.conf);
  const { log = environment.log } = request;
  const producer = nativeClients.producer(conf, numberedSource, { clock, log });
  const acknowledged: boolean[] = [];
  const failures = new Map<string, number>();
  const waiters = new Set<Waiter>();
  const ended = new AbortController();
  let sentCount = 0;

  producer.onOutcome = (outcome) => {
    const { error, count } = outcome;
    if (error === undefined) acknowledge(outcome);
    else failures.set(error.message, (failures.get(error.message) ?? 0) + count);
  };

  function acknowledge({ intendedUs, count, topicPartition }: SendOutcome): void {
    for (const position of intendedUs.subarray(0, count)) {
      if (acknowledged[position]) throw new Error(`record ${position} was acknowledged twice`);
      acknowledged[position] = true;
      for (const waiter of waiters) {
        if (position >= waiter.fromPosition) waiter.left[topicPartition]! -= 1;
      }
    }
    for (const waiter of waiters) {
      if (waiter.left.every((left) => left <= 0) && waiters.delete(waiter)) waiter.resolve();
    }
  }

  async function run(): Promise<void> {
    const startUs = clock.nowUs();
    while (!ended.signal.aborted) {
      const due = ((clock.nowUs() - startUs) / 1e6) * ratePerSec;
      while (sentCount < due) {
        // What the records carry as their intended time is their number.
        if (!producer.send(topic, sentCount % partitionCount, sentCount, sentCount)) break;
        sentCount += 1;
      }
      await clock.sleep(tickMs, ended.signal);
    }
    producer.flush();
    await producer.settled();
  }

  await producer.start([topic], unstopped);
  const running = run();
  return {
    acknowledged,
    failures,
    get sentCount() {
      return sentCount;
    },
    get buffered() {
      return producer.buffered;
    },
    progressed(count) {
      const left = Array<number>(partitionCount).fill(count);
      return new Promise((resolve) => {
        waiters.add({ fromPosition: sentCount, left, resolve });
      });
    },
    async stop() {
      ended.abort();
      await running;
    },
    async [Symbol.asyncDispose]() {
      ended.abort();
      await producer.close(0);
      await running;
    },
  };
}

export interface LogCheck {
  /** Acknowledged and not in the log. */
  readonly lost: readonly number[];
  /** In the log more than once. */
  readonly repeated: readonly number[];
  /** Behind one with a higher number in the same topicPartition. */
  readonly misplaced: readonly number[];
}

/** Compares what was acknowledged with the records of the log. */
export function checkLog(load: SteadyLoad, records: readonly ReadRecord[]): LogCheck {
  const seen = new Set<number>();
  const repeated: number[] = [];
  const misplaced: number[] = [];
  const last = new Map<number, number>();
  for (const { partition, value } of records) {
    const position = Number(value);
    if (seen.has(position)) repeated.push(position);
    else if (position < (last.get(partition) ?? -1)) misplaced.push(position);
    seen.add(position);
    last.set(partition, Math.max(position, last.get(partition) ?? -1));
  }
  const lost = load.acknowledged.flatMap((is, position) =>
    is && !seen.has(position) ? [position] : [],
  );
  return { lost, repeated, misplaced };
}
