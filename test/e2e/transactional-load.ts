// One transaction after the other: each writes a few numbered records to every topicPartition, and
// every fourth is aborted. Tells which transactions were committed, aborted, or ended nobody knows
// how.

import type { ReadRecord } from "../../src/kafka/conformance/read-back.suite.ts";
import type { JavaConf } from "../../src/kafka/conformance/test-load.suite.ts";
import {
  environment,
  producerConf,
  unstopped,
} from "../../src/kafka/conformance/test-load.suite.ts";
import { nativeClients } from "../../src/kafka/native/clients.ts";
import { numberedSource } from "./steady-load.ts";

const recordsPerPartition = 5;
const abortedOneOf = 4;

export type TransactionEnd = "committed" | "aborted" | "unknown";

export interface TransactionalLoad extends AsyncDisposable {
  /** Resolves when this many more transactions were committed. */
  progressed(count: number): Promise<void>;
  /** Ends after the present transaction. Rejects when the producer has failed for good. */
  stop(): Promise<void>;
  /** By transaction. */
  readonly ends: readonly TransactionEnd[];
  /** Why commits failed. */
  readonly failures: readonly string[];
}

export async function startTransactionalLoad(
  topic: string,
  partitionCount: number,
  conf: JavaConf,
): Promise<TransactionalLoad> {
  const producer = nativeClients.producer(await producerConf(conf), numberedSource, environment);
  const ends: TransactionEnd[] = [];
  const failures: string[] = [];
  const waiters = new Set<{ left: number; readonly resolve: () => void }>();
  let isStopped = false;

  async function send(number: number): Promise<void> {
    const first = number * recordsPerPartition * partitionCount;
    for (let index = 0; index < recordsPerPartition * partitionCount; index++) {
      const topicPartition = index % partitionCount;
      while (!producer.send(topic, topicPartition, first + index, 0)) await producer.room();
    }
  }

  async function transaction(number: number): Promise<TransactionEnd> {
    producer.beginTransaction();
    await send(number);
    if (number % abortedOneOf === 1) {
      await producer.abortTransaction();
      return "aborted";
    }
    try {
      await producer.commitTransaction();
      return "committed";
    } catch (error) {
      failures.push((error as Error).message);
      await producer.abortTransaction();
      return "unknown";
    }
  }

  async function run(): Promise<void> {
    while (!isStopped) {
      const end = await transaction(ends.length);
      ends.push(end);
      if (end !== "committed") continue;
      for (const waiter of waiters) {
        waiter.left -= 1;
        if (waiter.left === 0 && waiters.delete(waiter)) waiter.resolve();
      }
    }
  }

  await producer.start([topic], unstopped);
  const running = run();
  return {
    ends,
    failures,
    progressed(count) {
      const progress = new Promise<void>((resolve) => waiters.add({ left: count, resolve }));
      return Promise.race([progress, running]);
    },
    async stop() {
      isStopped = true;
      await running;
    },
    async [Symbol.asyncDispose]() {
      isStopped = true;
      await producer.close(0);
      await running.catch(() => {});
    },
  };
}

/** What is wrong with the committed records of the topic, in words. */
export function transactionProblems(
  load: TransactionalLoad,
  partitionCount: number,
  records: readonly ReadRecord[],
): string[] {
  const problems: string[] = [];
  const counts = new Map<number, number>();
  const last = new Map<number, number>();
  for (const { partition, value } of records) {
    const position = Number(value);
    const number = Math.floor(position / (recordsPerPartition * partitionCount));
    counts.set(number, (counts.get(number) ?? 0) + 1);
    if (position <= (last.get(partition) ?? -1)) {
      problems.push(`record ${position} is out of place in partition ${partition}`);
    }
    last.set(partition, position);
  }
  const whole = recordsPerPartition * partitionCount;
  for (const [number, end] of load.ends.entries()) {
    const count = counts.get(number) ?? 0;
    const allowed = { committed: [whole], aborted: [0], unknown: [0, whole] }[end];
    if (!allowed.includes(count)) problems.push(`transaction ${number} (${end}): ${count} records`);
  }
  return problems;
}
