// Assigners for kafkajs that share a group with Java's members: range and round robin under their
// names in the protocol. One more gives a single member what the caller has chosen, because kafkajs
// reads nothing outside of a group.

import type { PartitionAssigner } from "kafkajs";
import type { TopicPartition } from "../client.ts";
import type { AssignorName } from "../conf/types.ts";
import { assignors } from "../native/consumer/group/assignors.ts";
import {
  decodeSubscription,
  encodeAssignment,
  encodeSubscription,
} from "../native/consumer/group/subscription-codec.ts";

const version = 1;

export function sharingAssigner(name: AssignorName): PartitionAssigner {
  return ({ cluster }) => ({
    name,
    version,
    async assign({ members, topics }) {
      const counts = new Map<string, number>();
      const all = members.map(({ memberId, memberMetadata }) => ({
        memberId,
        instanceId: undefined,
        ...decodeSubscription(memberMetadata),
      }));
      const names = new Set([...topics, ...all.flatMap((member) => member.topics)]);
      for (const topic of names) {
        counts.set(topic, cluster.findTopicPartitionMetadata(topic).length);
      }
      return [...assignors[name](all, counts)].map(([memberId, share]) => ({
        memberId,
        memberAssignment: encodeAssignment(share),
      }));
    },
    protocol: ({ topics }) => ({ name, metadata: subscriptionOf(topics) }),
  });
}

export function chosenAssigner(topicPartitions: readonly TopicPartition[]): PartitionAssigner {
  const name = "trogdor-chosen";
  return () => ({
    name,
    version,
    assign: async ({ members }) =>
      members.map(({ memberId }) => ({
        memberId,
        memberAssignment: encodeAssignment(topicPartitions),
      })),
    protocol: ({ topics }) => ({ name, metadata: subscriptionOf(topics) }),
  });
}

function subscriptionOf(topics: readonly string[]): Buffer {
  return encodeSubscription({ topics, owned: [], generation: -1 });
}
