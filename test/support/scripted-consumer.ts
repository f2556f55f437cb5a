// A Kafka consumer without a broker: the test says which records come and when, or what goes wrong.

import type { Consumer, KafkaError, RecordCursor, TopicPartition } from "../../src/kafka/client.ts";
import type { Clock } from "../../src/platform/clock/clock.ts";

export interface ScriptedRecord {
  readonly topic?: string;
  readonly topicPartition?: number;
  readonly timestampMs?: number;
  readonly key?: Uint8Array | null;
  readonly value?: Uint8Array | null;
}

export interface ConsumerScript {
  /** Batches of records, in order; the next one comes when the one before was taken. */
  readonly batches?: Iterable<readonly ScriptedRecord[]>;
  /** Between two batches. */
  readonly everyMs?: number;
  readonly startError?: KafkaError;
  /** Comes behind the last batch. */
  readonly fatal?: KafkaError;
  readonly error?: KafkaError;
  readonly assigned?: readonly TopicPartition[];
}

export interface ScriptedConsumer {
  readonly consumer: Consumer;
  /** What was called, in order. */
  readonly calls: string[];
}

export function scriptedConsumer(clock: Clock, script: ConsumerScript = {}): ScriptedConsumer {
  const calls: string[] = [];
  const assigned = script.assigned ?? [{ topic: "foo", topicPartition: 0 }];
  let isPaused = false;
  let isClosed = false;
  let fatalError: KafkaError | undefined;

  async function deliver(): Promise<void> {
    consumer.onRebalance({ kind: "assigned", topicPartitions: assigned });
    if (script.error !== undefined) consumer.onError(script.error);
    for (const batch of script.batches ?? []) {
      await clock.sleep(script.everyMs ?? 1);
      const walk = cursorOver(batch, clock.nowUs());
      while (walk.left() > 0) {
        if (isPaused || isClosed) return;
        await consumer.onRecords(walk.cursor);
      }
    }
    if (script.fatal === undefined || isClosed) return;
    fatalError = script.fatal;
    consumer.onFatal(script.fatal);
  }

  function start(call: string): Promise<void> {
    calls.push(call);
    if (script.startError !== undefined) return Promise.reject(script.startError);
    void deliver();
    return Promise.resolve();
  }

  const consumer: Consumer = {
    onRecords: () => {},
    onRebalance: () => {},
    onError: () => {},
    onFatal: () => {},
    subscribe: (topics) => start(`subscribe ${topics.join(" ")}`),
    assign: (parts) =>
      start(`assign ${parts.map((part) => `${part.topic}-${part.topicPartition}`).join(" ")}`),
    progress: () => assigned.map((part) => ({ ...part, position: 0, endOffset: 0 })),
    lagRecords: 0,
    pause() {
      isPaused = true;
    },
    resume() {
      isPaused = false;
    },
    seek: () => {},
    offsets: async (parts) => parts.map(() => 0),
    commit: async () => {},
    membership: undefined,
    get trouble() {
      return fatalError ?? script.error;
    },
    get fatalError() {
      return fatalError;
    },
    async close() {
      if (!isClosed) calls.push("close");
      isClosed = true;
    },
  };
  return { consumer, calls };
}

export function cursorOver(batch: readonly ScriptedRecord[], receivedUs: number) {
  let index = -1;
  const parts = batch.map(({ key, value }) => ({
    bytes: Buffer.concat([key ?? new Uint8Array(0), value ?? new Uint8Array(0)]),
    keySize: key?.length ?? -1,
    valueSize: value?.length ?? -1,
  }));
  const current = () => ({ ...batch[index]!, ...parts[index]! });
  let taken = 0;
  const cursor: RecordCursor = {
    topic: batch[0]?.topic ?? "foo",
    topicPartition: batch[0]?.topicPartition ?? 0,
    receivedUs,
    next() {
      if (taken >= batch.length) return false;
      index = taken;
      taken += 1;
      return true;
    },
    get offset() {
      return index;
    },
    get timestampMs() {
      return current().timestampMs ?? 0;
    },
    get bytes() {
      return current().bytes;
    },
    keyOffset: 0,
    get keySize() {
      return current().keySize;
    },
    get valueOffset() {
      return Math.max(0, current().keySize);
    },
    get valueSize() {
      return current().valueSize;
    },
    headers: () => [],
  };
  return { cursor, left: () => batch.length - taken };
}
