// Where records without a chosen topicPartition go.

import { describe, expect, test } from "bun:test";
import { murmur2 } from "./murmur2.ts";
import { createPartitionQueue, type TopicQueues } from "./partition-queue.ts";
import { createPartitioner } from "./partitioner.ts";

function topicOf(partitionCount: number, leaderless: readonly number[] = []): TopicQueues {
  const topic: TopicQueues = { name: "t", nameBytes: new Uint8Array(0), queues: [] };
  for (let index = 0; index < partitionCount; index++) {
    const queue = createPartitionQueue(topic, index);
    queue.leaderId = leaderless.includes(index) ? -1 : 1;
    topic.queues.push(queue);
  }
  return topic;
}

/** Random numbers that walk through the partitions: 0, 1/7, 2/7, ... */
function walking(): () => number {
  let next = 0;
  return () => (next++ % 7) / 7;
}

describe("the partitioner", () => {
  test("sends equal keys to one topicPartition, by their murmur2 hash", () => {
    const topic = topicOf(7);
    const partitioner = createPartitioner(1000);
    for (let number = 0; number < 100; number++) {
      const key = new TextEncoder().encode(`key-${number}`);
      const expected = (murmur2(key) & 0x7fffffff) % 7;
      expect(partitioner.choose(topic, key, 10).topicPartition).toBe(expected);
    }
  });

  test("hashes an empty key, too", () => {
    const chosen = createPartitioner(1000).choose(topicOf(7), new Uint8Array(0), 10);
    expect(chosen.topicPartition).toBe((murmur2(new Uint8Array(0)) & 0x7fffffff) % 7);
  });

  test("keeps to a keyed topicPartition though it has no leader", () => {
    const key = new TextEncoder().encode("foobar");
    const everywhere = createPartitioner(1000).choose(topicOf(7), key, 10).topicPartition;
    const topic = topicOf(7, [everywhere]);
    expect(createPartitioner(1000).choose(topic, key, 10).topicPartition).toBe(everywhere);
  });

  test("without a key stays until batch.size bytes went to one topicPartition", () => {
    const topic = topicOf(7);
    const partitioner = createPartitioner(100, walking());
    const chosen = Array.from({ length: 30 }, () => partitioner.choose(topic, undefined, 10));
    expect(chosen.map(({ topicPartition }) => topicPartition)).toEqual([
      ...Array(10).fill(0),
      ...Array(10).fill(1),
      ...Array(10).fill(2),
    ]);
  });

  test("without a key avoids topicPartitions that have no leader, unless none has one", () => {
    const chosenOf = (topic: TopicQueues) => {
      const partitioner = createPartitioner(1, walking());
      return new Set(
        Array.from({ length: 30 }, () => partitioner.choose(topic, undefined, 1).topicPartition),
      );
    };
    expect(chosenOf(topicOf(4, [0, 2]))).toEqual(new Set([1, 3]));
    expect(chosenOf(topicOf(2, [0, 1]))).toEqual(new Set([0, 1]));
  });
});
