// The topicPartitions that this consumer reads, each with its state.

import type { TopicPartition } from "../../client.ts";
import type { ParcelOwner } from "./parcel.ts";
import { createPartition, type Partition } from "./partition.ts";
import type { Topics } from "./topics.ts";

export interface Assignment {
  readonly partitions: readonly Partition[];
  find(topic: string, topicPartition: number): Partition | undefined;
  add(topicPartitions: readonly TopicPartition[]): void;
  remove(topicPartitions: readonly TopicPartition[]): void;
  /** Whether what was asked in that generation is still wanted. */
  isCurrent(owner: ParcelOwner, generation: number): boolean;
  /** Takes leaders over from what is known of the topics. */
  updateLeaders(): void;
}

export function keyOf(topic: string, topicPartition: number): string {
  return `${topicPartition} ${topic}`;
}

export function createAssignment(topics: Topics): Assignment {
  const byKey = new Map<string, Partition>();
  let partitions: readonly Partition[] = [];

  function updateLeader(partition: Partition): void {
    const leader = topics.known.get(partition.name)?.leaders[partition.topicPartition];
    if (leader === undefined) {
      partition.leaderId = -1;
      return;
    }
    if (leader.leaderId !== partition.leaderId || leader.leaderEpoch !== partition.leaderEpoch) {
      partition.leaderId = leader.leaderId;
      partition.leaderEpoch = leader.leaderEpoch;
      partition.readReplica = -1;
      partition.blockedUntilUs = 0;
    }
  }

  return {
    get partitions() {
      return partitions;
    },
    find: (topic, topicPartition) => byKey.get(keyOf(topic, topicPartition)),
    add(topicPartitions) {
      const encoder = new TextEncoder();
      const names = new Map<string, Partition["topic"]>();
      for (const partition of partitions) names.set(partition.name, partition.topic);
      for (const { topic, topicPartition } of topicPartitions) {
        const key = keyOf(topic, topicPartition);
        if (byKey.has(key)) continue;
        const name = names.get(topic) ?? { name: topic, nameBytes: encoder.encode(topic) };
        names.set(topic, name);
        const partition = createPartition(name, topicPartition);
        updateLeader(partition);
        byKey.set(key, partition);
      }
      partitions = [...byKey.values()];
    },
    remove(topicPartitions) {
      for (const { topic, topicPartition } of topicPartitions) {
        const key = keyOf(topic, topicPartition);
        const partition = byKey.get(key);
        if (partition === undefined) continue;
        partition.isAssigned = false;
        byKey.delete(key);
      }
      partitions = [...byKey.values()];
    },
    isCurrent(owner, generation) {
      const partition = byKey.get(keyOf(owner.name, owner.topicPartition));
      return partition === owner && partition.generation === generation;
    },
    updateLeaders() {
      for (const partition of partitions) updateLeader(partition);
    },
  };
}
