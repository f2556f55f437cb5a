// How far a kafkajs consumer is in each of its topicPartitions, as its batches told.

import type { PartitionProgress, TopicPartition } from "../client.ts";

export interface ConsumerProgress {
  /** What is assigned now; answers what is new and what is gone. */
  assign(next: readonly TopicPartition[]): { added: TopicPartition[]; removed: TopicPartition[] };
  taken(topic: string, topicPartition: number, position: number): void;
  ended(topic: string, topicPartition: number, endOffset: number): void;
  all(): PartitionProgress[];
  lag(): number;
}

interface Entry {
  readonly topic: string;
  readonly topicPartition: number;
  position: number | undefined;
  endOffset: number | undefined;
}

export function createConsumerProgress(): ConsumerProgress {
  const entries = new Map<string, Entry>();
  const keyOf = ({ topic, topicPartition }: TopicPartition) => `${topicPartition} ${topic}`;
  const find = (topic: string, topicPartition: number) =>
    entries.get(keyOf({ topic, topicPartition }));

  return {
    assign(next) {
      const wanted = new Set(next.map(keyOf));
      const removed = [...entries.values()].filter((entry) => !wanted.has(keyOf(entry)));
      for (const entry of removed) entries.delete(keyOf(entry));
      const added = next.filter((each) => !entries.has(keyOf(each)));
      for (const each of added) {
        entries.set(keyOf(each), { ...each, position: undefined, endOffset: undefined });
      }
      return {
        added,
        removed: removed.map(({ topic, topicPartition }) => ({ topic, topicPartition })),
      };
    },
    taken(topic, topicPartition, position) {
      const entry = find(topic, topicPartition);
      if (entry !== undefined) entry.position = position;
    },
    ended(topic, topicPartition, endOffset) {
      const entry = find(topic, topicPartition);
      if (entry !== undefined) entry.endOffset = endOffset;
    },
    all: () => [...entries.values()].map((entry) => ({ ...entry })),
    lag() {
      let lag = 0;
      for (const { position, endOffset } of entries.values()) {
        if (position !== undefined && endOffset !== undefined) {
          lag += Math.max(0, endOffset - position);
        }
      }
      return lag;
    },
  };
}
