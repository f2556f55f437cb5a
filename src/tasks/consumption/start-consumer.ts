// Lets a consumer begin: it subscribes to topics, or is assigned the topicPartitions that were
// named and, of topics that were named without, all there are.

import {
  type Consumer,
  type KafkaClients,
  KafkaError,
  type TopicPartition,
} from "../../kafka/client.ts";
import type { ConsumerConf } from "../../kafka/conf/types.ts";
import type { Clock } from "../../platform/clock/clock.ts";
import type { Log } from "../../platform/log/log.ts";

export interface Subscription {
  /** Topic -> the partitions that are named; empty: all of them. */
  readonly topics: ReadonlyMap<string, readonly number[]>;
  readonly isManual: boolean;
}

export interface StartOptions {
  readonly clients: KafkaClients;
  readonly conf: ConsumerConf;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** Between two looks for topics that are missing. */
export const TOPIC_LOOK_MS = 500;

/** Rejects with the reason why it cannot begin. */
export async function startConsumer(
  consumer: Consumer,
  { topics, isManual }: Subscription,
  options: StartOptions,
): Promise<void> {
  const { signal } = options;
  if (!isManual) return await consumer.subscribe([...topics.keys()], signal);
  const named = [...topics].flatMap(([topic, partitions]) =>
    partitions.map((topicPartition) => ({ topic, topicPartition })),
  );
  const whole = [...topics].filter(([, partitions]) => partitions.length === 0);
  const names = whole.map(([topic]) => topic);
  const others = names.length > 0 ? await partitionsOf(names, options) : [];
  if (!signal.aborted) await consumer.assign([...named, ...others], signal);
}

/** Waits for topics that do not exist yet, for default.api.timeout.ms. */
async function partitionsOf(
  names: readonly string[],
  { clients, conf, clock, log, signal }: StartOptions,
): Promise<TopicPartition[]> {
  const admin = clients.admin(conf, { clock, log });
  const untilUs = clock.nowUs() + conf.defaultApiTimeoutMs * 1000;
  try {
    for (;;) {
      const described = await admin.describeTopics(names, signal);
      const found = names.map((name) => described.get(name));
      const missing = found.find((each) => each === undefined || each instanceof KafkaError);
      if (missing === undefined && found.length > 0) {
        return found.flatMap((each) =>
          each === undefined || each instanceof KafkaError
            ? []
            : each.partitions.map((topicPartition) => ({ topic: each.name, topicPartition })),
        );
      }
      if (signal.aborted) return [];
      if (clock.nowUs() >= untilUs) throw missing ?? unknown(names);
      await clock.sleep(TOPIC_LOOK_MS, signal);
    }
  } finally {
    await admin.close();
  }
}

function unknown(names: readonly string[]): KafkaError {
  const message = `the topics ${names.join(", ")} do not exist`;
  return new KafkaError("UNKNOWN_TOPIC_OR_PARTITION", message, true);
}
