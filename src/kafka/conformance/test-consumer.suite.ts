// A consumer for tests: what it was given, as values that stay, and waiting until it has come.

import type {
  Consumer,
  KafkaClients,
  KafkaError,
  Rebalance,
  RecordCursor,
  TopicPartition,
} from "../client.ts";
import { resolveConsumerConf } from "../conf/resolve-consumer-conf.ts";
import type { ConsumerConf } from "../conf/types.ts";
import { baseConf, environment, type JavaConf } from "./test-load.suite.ts";

export interface TakenRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly timestampMs: number;
  readonly key: string | null;
  readonly value: string | null;
}

export interface TestConsumer extends AsyncDisposable {
  readonly consumer: Consumer;
  readonly records: TakenRecord[];
  readonly rebalances: Rebalance[];
  readonly errors: KafkaError[];
  /** Resolves when it is so; fails loudly after half a minute. */
  until(what: string, isSo: () => boolean): Promise<void>;
  /** What is assigned, as `topic-partition`, sorted. */
  assigned(): string[];
}

export async function consumerConf(conf: JavaConf): Promise<ConsumerConf> {
  const resolved = await resolveConsumerConf([baseConf, conf], { paths: ["consumerConf"] });
  if (resolved.conf === undefined) throw new Error(JSON.stringify(resolved.problems));
  return resolved.conf;
}

const decoder = new TextDecoder();

/** The record that the cursor is at. */
export function takenFrom(cursor: RecordCursor): TakenRecord {
  const { bytes, keyOffset, keySize, valueOffset, valueSize } = cursor;
  const textAt = (offset: number, size: number) =>
    size < 0 ? null : decoder.decode(bytes.subarray(offset, offset + size));
  return {
    topic: cursor.topic,
    partition: cursor.topicPartition,
    offset: cursor.offset,
    timestampMs: cursor.timestampMs,
    key: textAt(keyOffset, keySize),
    value: textAt(valueOffset, valueSize),
  };
}

/** Takes everything; not started yet. */
export async function testConsumer(clients: KafkaClients, conf: JavaConf): Promise<TestConsumer> {
  const earliest = { "auto.offset.reset": "earliest", "fetch.max.wait.ms": "100" };
  const consumer = clients.consumer(await consumerConf({ ...earliest, ...conf }), environment);
  const records: TakenRecord[] = [];
  const rebalances: Rebalance[] = [];
  const errors: KafkaError[] = [];
  consumer.onRecords = (cursor) => {
    while (cursor.next()) records.push(takenFrom(cursor));
  };
  consumer.onRebalance = (rebalance) => rebalances.push(rebalance);
  consumer.onError = (error) => errors.push(error);
  return {
    consumer,
    records,
    rebalances,
    errors,
    async until(what, isSo) {
      const endMs = Date.now() + 30_000;
      while (!isSo()) {
        if (consumer.fatalError !== undefined && !what.includes("fatal")) throw consumer.fatalError;
        if (Date.now() > endMs) {
          const trouble = consumer.trouble?.message ?? "no trouble";
          throw new Error(`not within 30 s: ${what} (${trouble}, ${records.length} records)`);
        }
        await Bun.sleep(5);
      }
    },
    assigned: () =>
      consumer
        .progress()
        .map(({ topic, topicPartition }) => `${topic}-${topicPartition}`)
        .sort(),
    [Symbol.asyncDispose]: () => consumer.close(5000),
  };
}

export function partitionsOf(topic: string, count: number): TopicPartition[] {
  return Array.from({ length: count }, (_, topicPartition) => ({ topic, topicPartition }));
}
