// Chooses the topicPartition of a record when the load does not: by the hash of the key, as every
// Kafka client does; without a key (or with partitioner.ignore.keys) it stays with one
// topicPartition until about batch.size bytes went there, then takes another one at random
// (KIP-794).

import { murmur2 } from "./murmur2.ts";
import type { PartitionQueue, TopicQueues } from "./partition-queue.ts";

export interface Partitioner {
  /** `key` undefined: the record has none, or keys are ignored. */
  choose(topic: TopicQueues, key: Uint8Array | undefined, sizeBytes: number): PartitionQueue;
}

interface Stay {
  queue: PartitionQueue;
  bytes: number;
}

export function createPartitioner(
  batchSizeBytes: number,
  random: () => number = Math.random,
): Partitioner {
  const stays = new Map<TopicQueues, Stay>();

  function pick(topic: TopicQueues): PartitionQueue {
    const led = topic.queues.filter((queue) => queue.leaderId >= 0);
    const among = led.length > 0 ? led : topic.queues;
    return among[Math.floor(random() * among.length)]!;
  }

  return {
    choose(topic, key, sizeBytes) {
      if (key !== undefined) {
        return topic.queues[(murmur2(key) & 0x7fffffff) % topic.queues.length]!;
      }
      let stay = stays.get(topic);
      if (stay === undefined || stay.bytes >= batchSizeBytes) {
        stay = { queue: pick(topic), bytes: 0 };
        stays.set(topic, stay);
      }
      stay.bytes += sizeBytes;
      return stay.queue;
    },
  };
}
