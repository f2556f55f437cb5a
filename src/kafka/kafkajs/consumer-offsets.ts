// Offsets and partitions of topics over a kafkajs admin client, for a consumer.

import type { Admin as KafkajsAdmin } from "kafkajs";
import {
  type ClientEnvironment,
  KafkaError,
  type OffsetQuery,
  type TopicPartition,
} from "../client.ts";
import type { ConsumerConf } from "../conf/types.ts";
import { type Deadline, retryingWithin } from "../retry.ts";
import type { KafkajsConnector } from "./connect.ts";
import { toKafkaError } from "./kafkajs-error.ts";

export interface ConsumerOffsets {
  offsets(
    topicPartitions: readonly TopicPartition[],
    query: OffsetQuery,
    deadline: Deadline,
  ): Promise<number[]>;
  /** Rejects when some do not exist until the deadline. */
  untilKnown(topicPartitions: readonly TopicPartition[], deadline: Deadline): Promise<void>;
  close(): Promise<void>;
}

export function createConsumerOffsets(
  conf: ConsumerConf,
  connector: KafkajsConnector,
  { clock }: ClientEnvironment,
): ConsumerOffsets {
  const backoff = { backoffMs: conf.retryBackoffMs, backoffMaxMs: conf.retryBackoffMaxMs };
  let connected: KafkajsAdmin | undefined;

  async function connect(): Promise<KafkajsAdmin> {
    if (connected !== undefined) return connected;
    const admin = connector.kafka(await connector.load()).admin();
    await admin.connect();
    connected = admin;
    return admin;
  }

  function ask<Answer>(
    deadline: Deadline,
    operation: (admin: KafkajsAdmin) => Promise<Answer>,
  ): Promise<Answer> {
    const { brokers } = connector.errorContext;
    const late = () => new KafkaError("REQUEST_TIMED_OUT", `${brokers}: no answer in time`, true);
    return retryingWithin(clock, backoff, deadline, late, async () => {
      try {
        return await operation(await connect());
      } catch (error) {
        const cause = toKafkaError(error, connector.errorContext);
        const isPassing = cause.retriable || cause.code === "UNKNOWN_TOPIC_OR_PARTITION";
        throw new KafkaError(cause.code, cause.message, isPassing, cause);
      }
    });
  }

  async function offsetsOf(admin: KafkajsAdmin, topic: string, query: OffsetQuery) {
    const ends = await admin.fetchTopicOffsets(topic);
    if (query === "earliest" || query === "latest") {
      return new Map(
        ends.map(({ partition, low, high }) => [partition, query === "earliest" ? low : high]),
      );
    }
    const found = await admin.fetchTopicOffsetsByTimestamp(topic, query.timestampMs);
    // kafkajs answers the end where there is no record at or after the time.
    const high = new Map(ends.map((end) => [end.partition, end.high]));
    return new Map(
      found.map(({ partition, offset }) => [
        partition,
        offset === high.get(partition) ? "-1" : offset,
      ]),
    );
  }

  return {
    offsets: (topicPartitions, query, deadline) =>
      ask(deadline, async (admin) => {
        const byTopic = new Map<string, Map<number, string>>();
        for (const { topic } of topicPartitions) {
          if (!byTopic.has(topic)) byTopic.set(topic, await offsetsOf(admin, topic, query));
        }
        return topicPartitions.map(({ topic, topicPartition }) =>
          Number(byTopic.get(topic)?.get(topicPartition) ?? -1),
        );
      }),
    untilKnown: (topicPartitions, deadline) =>
      ask(deadline, async (admin) => {
        for (const topic of new Set(topicPartitions.map((each) => each.topic))) {
          const metadata = await admin.fetchTopicMetadata({ topics: [topic] }).catch((error) => {
            const { code, message } = toKafkaError(error, connector.errorContext);
            throw new KafkaError(code, `topic "${topic}": ${message}`, true, error);
          });
          const count = metadata.topics[0]?.partitions.length ?? 0;
          const missing = topicPartitions.find(
            (each) => each.topic === topic && each.topicPartition >= count,
          );
          if (missing === undefined) continue;
          const message = `topic "${topic}" has ${count} partitions, there is no partition`;
          const text = `${message} ${missing.topicPartition}`;
          throw new KafkaError("UNKNOWN_TOPIC_OR_PARTITION", text, true);
        }
      }),
    async close() {
      const admin = connected;
      connected = undefined;
      await Promise.race([admin?.disconnect(), clock.sleep(500)]).catch(() => {});
    },
  };
}
