// Whether a consumer has taken everything that its topicPartitions held at some moment.

import type { Consumer, TopicPartition } from "../../kafka/client.ts";
import type { PartitionEnds } from "./run-round-trip.ts";

export function partitionEnds(
  consumer: Consumer,
  targets: readonly TopicPartition[],
): PartitionEnds {
  return {
    look: (signal) => consumer.offsets(targets, "latest", signal),
    isBehind(offsets) {
      const positions = new Map<string, number>();
      for (const { position, ...part } of consumer.progress()) {
        if (position !== undefined) positions.set(nameOf(part), position);
      }
      return targets.every((part, index) => {
        const position = positions.get(nameOf(part));
        return position !== undefined && position >= offsets[index]!;
      });
    },
  };
}

export function nameOf({ topic, topicPartition }: TopicPartition): string {
  return `${topic}-${topicPartition}`;
}
