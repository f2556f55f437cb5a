// A Kafka cluster in a few lines: what the producer sends comes back to the consumer, on the clock
// that the test passes, except for what the test's script lets go wrong.

import {
  type Consumer,
  type KafkaClients,
  KafkaError,
  type Producer,
  type RecordSource,
  type TopicPartition,
} from "../../src/kafka/client.ts";
import type { Clock } from "../../src/platform/clock/clock.ts";
import { scriptedClients } from "./scripted-clients.ts";
import { cursorOver, type ScriptedRecord } from "./scripted-consumer.ts";

/** `lost`: acknowledged, and gone. `silent`: no answer at all. */
export type Fate = "kept" | "twice" | "lost" | "failed" | "failed and kept" | "silent";

export interface LoopbackScript {
  readonly answerMs?: number;
  fate?(position: number, attempt: number): Fate;
  /** Records that the topics hold already, in each topicPartition. */
  readonly older?: readonly ScriptedRecord[];
  /** Records of others that arrive when the load begins. */
  readonly foreign?: readonly ScriptedRecord[];
  readonly consumerFatal?: KafkaError;
  readonly connectError?: KafkaError;
}

interface Log extends TopicPartition {
  readonly records: ScriptedRecord[];
  position: number;
}

export interface Loopback {
  readonly clients: KafkaClients;
  /** Positions in the order in which they were sent, with where to. */
  readonly sent: { readonly position: number; readonly topic: string; readonly part: number }[];
}

export function loopbackClients(clock: Clock, script: LoopbackScript = {}): Loopback {
  const logs: Log[] = [];
  const sent: Loopback["sent"] = [];
  const attempts = new Map<number, number>();
  let consumer: Consumer | undefined;
  let isPaused = false;

  function logOf(topic: string, topicPartition: number): Log {
    const found = logs.find(
      (each) => each.topic === topic && each.topicPartition === topicPartition,
    );
    if (found !== undefined) return found;
    const log = { topic, topicPartition, records: [...(script.older ?? [])], position: 0 };
    logs.push(log);
    return log;
  }

  function deliver(): void {
    if (consumer === undefined || isPaused) return;
    for (const log of logs) {
      const batch = log.records.slice(log.position);
      if (batch.length === 0) continue;
      log.position = log.records.length;
      void consumer.onRecords(cursorOver(batch, clock.nowUs()).cursor);
    }
  }

  function createProducer(source: RecordSource): Producer {
    let pending = 0;
    const producer = {
      onOutcome: () => {},
      async start() {
        if (script.connectError !== undefined) throw script.connectError;
      },
      send(topic, part, position, tag) {
        sent.push({ position, topic, part });
        const attempt = (attempts.get(position) ?? 0) + 1;
        attempts.set(position, attempt);
        const fate = script.fate?.(position, attempt) ?? "kept";
        const record = recordOf(source, position, clock.nowMs());
        const appendedUs = clock.nowUs();
        if (fate === "silent") return true;
        pending += 1;
        clock.sleep(script.answerMs ?? 5).then(() => {
          pending -= 1;
          const copies = { kept: 1, twice: 2, lost: 0, failed: 0, "failed and kept": 1 }[fate];
          const isFailed = fate.startsWith("failed");
          for (let copy = 0; copy < copies; copy++) logOf(topic, part).records.push(record);
          producer.onOutcome({
            topic,
            topicPartition: part,
            count: 1,
            intendedUs: Float64Array.of(tag),
            appendedUs: Float64Array.of(appendedUs),
            sentUs: appendedUs,
            completedUs: clock.nowUs(),
            payloadBytes: 10,
            error: isFailed
              ? new KafkaError("REQUEST_TIMED_OUT", "it took too long", true)
              : undefined,
          });
          deliver();
        });
        return true;
      },
      room: async () => {},
      flush: () => {},
      settled: async () => {},
      beginTransaction: () => {},
      commitTransaction: async () => {},
      abortTransaction: async () => {},
      fatalError: undefined,
      get buffered() {
        return { records: pending, bytes: 0 };
      },
      close: async () => {},
    } as Producer;
    return producer;
  }

  function createConsumer(): Consumer {
    const created: Consumer = {
      onRecords: () => {},
      onRebalance: () => {},
      onError: () => {},
      onFatal: () => {},
      subscribe: async () => {},
      async assign(parts) {
        for (const { topic, topicPartition } of parts) logOf(topic, topicPartition);
        const { consumerFatal, foreign = [] } = script;
        if (consumerFatal !== undefined) clock.sleep(20).then(() => created.onFatal(consumerFatal));
        if (foreign.length === 0) return;
        clock.sleep(20).then(() => {
          logs[0]!.records.push(...foreign);
          deliver();
        });
      },
      progress: () => logs.map((log) => ({ ...log, endOffset: log.records.length })),
      lagRecords: 0,
      pause() {
        isPaused = true;
      },
      resume() {
        isPaused = false;
        deliver();
      },
      seek(topic, part, offset) {
        logOf(topic, part).position = offset;
      },
      offsets: async (parts) =>
        parts.map(({ topic, topicPartition }) => logOf(topic, topicPartition).records.length),
      commit: async () => {},
      membership: undefined,
      trouble: undefined,
      fatalError: undefined,
      close: async () => {},
    };
    consumer = created;
    return created;
  }

  const { clients } = scriptedClients(clock);
  return {
    clients: {
      ...clients,
      producer: (_, source) => createProducer(source),
      consumer: createConsumer,
    },
    sent,
  };
}

/** The bytes as a broker gets them. */
function recordOf(source: RecordSource, position: number, timestampMs: number): ScriptedRecord {
  const keySize = source.fixedSizes?.key ?? source.keySize(position);
  const valueSize = source.fixedSizes?.value ?? source.valueSize(position);
  const key = keySize < 0 ? null : new Uint8Array(keySize);
  if (key !== null) source.writeKey(position, key, 0);
  if (valueSize < 0) return { key, value: null, timestampMs };
  const value = source.constantValue?.slice() ?? new Uint8Array(valueSize);
  if (source.constantValue === undefined) source.writeValue(position, value, 0);
  return { key, value, timestampMs };
}
