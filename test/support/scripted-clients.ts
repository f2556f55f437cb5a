// A Kafka client without a broker: topics and records go into a list, answers come after a latency
// on the clock that the test passes, or as the test's script says.

import {
  type Admin,
  type Consumer,
  type KafkaClients,
  KafkaError,
  type Producer,
  type SendOutcome,
} from "../../src/kafka/client.ts";
import type { ConsumerConf } from "../../src/kafka/conf/types.ts";
import type { Clock } from "../../src/platform/clock/clock.ts";

export interface SentRecord {
  readonly topic: string;
  readonly topicPartition: number;
  readonly position: number;
  readonly intendedUs: number;
  readonly appendedUs: number;
}

export interface ClientScript {
  readonly answerMs?: number;
  /** Records that fit into the client at once. */
  readonly roomRecords?: number;
  /** The fate of a record: undefined is an acknowledgement, `never` is no answer at all. */
  outcome?(record: SentRecord): KafkaError | undefined | "never";
  readonly startError?: KafkaError;
  readonly createError?: KafkaError;
  readonly commitError?: KafkaError;
  /** The client fails for good when this many records were sent. */
  readonly fatalAfter?: number;
  /** Partitions that each topic is said to have; without it no topic is known. */
  readonly partitionsOfTopics?: number;
  /** A consumer for each that is asked for: see scripted-consumer.ts. */
  consumer?(conf: ConsumerConf): Consumer;
}

export interface ScriptedClients {
  readonly clients: KafkaClients;
  readonly sent: SentRecord[];
  /** What was called, in order: "begin", "commit", "flush", ...; records as their position. */
  readonly calls: (string | number)[];
}

export function scriptedClients(clock: Clock, script: ClientScript = {}): ScriptedClients {
  const sent: SentRecord[] = [];
  const calls: (string | number)[] = [];
  const clients: KafkaClients = {
    library: "native",
    admin: () => scriptedAdmin(script, calls),
    producer: () => scriptedProducer(clock, script, sent, calls),
    consumer: (conf) => script.consumer?.(conf) ?? notScripted(),
    groupAdmin: notScripted,
    shareConsumer: notScripted,
  };
  return { clients, sent, calls };
}

function notScripted(): never {
  throw new Error("this client is not in the script");
}

function scriptedAdmin(script: ClientScript, calls: (string | number)[]): Admin {
  return {
    async createTopics(topics) {
      calls.push(`create ${topics.map((topic) => topic.name).join(" ")}`);
      if (script.createError !== undefined) throw script.createError;
      return new Map(topics.map((topic) => [topic.name, undefined]));
    },
    async describeTopics(names) {
      const count = script.partitionsOfTopics;
      if (count === undefined) return new Map();
      const partitions = Array.from({ length: count }, (_, index) => index);
      return new Map(names.map((name) => [name, { name, partitions }]));
    },
    async close() {
      calls.push("close admin");
    },
  };
}

function scriptedProducer(
  clock: Clock,
  script: ClientScript,
  sent: SentRecord[],
  calls: (string | number)[],
): Producer {
  const pending = new Set<SentRecord>();
  let waiters: (() => void)[] = [];
  let fatalError: KafkaError | undefined;

  function settle(record: SentRecord, error: KafkaError | undefined): void {
    if (!pending.delete(record)) return;
    producer.onOutcome(outcomeOf(record, error, clock.nowUs()));
    const woken = waiters;
    waiters = [];
    for (const wake of woken) wake();
  }

  async function until(isTrue: () => boolean): Promise<void> {
    while (!isTrue()) await new Promise<void>((resolve) => waiters.push(resolve));
  }

  const producer: Producer = {
    onOutcome: () => {},
    async start() {
      calls.push("start");
      if (script.startError !== undefined) throw script.startError;
    },
    send(topic, topicPartition, position, intendedUs) {
      if (pending.size >= (script.roomRecords ?? Number.POSITIVE_INFINITY)) return false;
      const record = { topic, topicPartition, position, intendedUs, appendedUs: clock.nowUs() };
      sent.push(record);
      calls.push(position);
      pending.add(record);
      if (sent.length === script.fatalAfter) {
        fatalError = new KafkaError("PRODUCER_FENCED", "another producer took over", false);
      }
      const fate = script.outcome?.(record);
      if (fate !== "never") clock.sleep(script.answerMs ?? 5).then(() => settle(record, fate));
      return true;
    },
    room: () => until(() => pending.size < (script.roomRecords ?? 1)),
    flush: () => void calls.push("flush"),
    settled: () => until(() => pending.size === 0),
    beginTransaction: () => void calls.push("begin"),
    async commitTransaction() {
      await until(() => pending.size === 0);
      calls.push("commit");
      if (script.commitError !== undefined) throw script.commitError;
    },
    async abortTransaction() {
      calls.push("abort");
    },
    get fatalError() {
      return fatalError;
    },
    get buffered() {
      return { records: pending.size, bytes: 0 };
    },
    async close(timeoutMs) {
      calls.push(`close ${timeoutMs}`);
      const ended = new AbortController();
      await Promise.race([until(() => pending.size === 0), clock.sleep(timeoutMs, ended.signal)]);
      ended.abort();
      const closed = new KafkaError("PRODUCER_CLOSED", "the producer was closed", false);
      for (const record of pending) settle(record, closed);
    },
  };
  return producer;
}

function outcomeOf(
  record: SentRecord,
  error: KafkaError | undefined,
  completedUs: number,
): SendOutcome {
  return {
    topic: record.topic,
    topicPartition: record.topicPartition,
    count: 1,
    intendedUs: Float64Array.of(record.intendedUs),
    appendedUs: Float64Array.of(record.appendedUs),
    sentUs: record.appendedUs,
    completedUs,
    payloadBytes: 10,
    error,
  };
}
