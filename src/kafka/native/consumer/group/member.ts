// What a member of a group is to the consumer, whichever protocol it speaks, and what the consumer
// is to it.

import type { ClientEnvironment, KafkaError, TopicPartition } from "../../../client.ts";
import type { ConsumerConf } from "../../../conf/types.ts";
import type { Deadline } from "../../../retry.ts";
import type { Topics } from "../topics.ts";
import type { Coordinator } from "./coordinator.ts";

export interface MemberIdentity {
  readonly memberId: string;
  readonly epoch: number;
}

export interface Member {
  /** Joins, and keeps up the membership until `close`. */
  start(): void;
  /** Who commits; undefined while the member has no part in the group. */
  readonly identity: MemberIdentity | undefined;
  readonly rebalances: number;
  /** The picture of the topics is new. */
  onTopics(): void;
  /** Another commit was refused because this member is not what it takes itself for. */
  doubt(): void;
  /** Leaves the group, unless the membership is static. */
  close(deadline: Deadline): Promise<void>;
}

export interface MemberHost {
  readonly conf: ConsumerConf;
  readonly groupId: string;
  readonly environment: ClientEnvironment;
  readonly coordinator: Coordinator;
  readonly topics: Topics;
  readonly subscription: readonly string[];
  assigned(): readonly TopicPartition[];
  /** Since when records are worked on; undefined: they are not. */
  busySinceUs(): number | undefined;
  /** Keeps records back; resolves when none are worked on. Each call needs a `release`. */
  hold(): Promise<void>;
  release(): void;
  /** Commits positions (with enable.auto.commit) before they are given up; never rejects. */
  commitBefore(topicPartitions: readonly TopicPartition[]): Promise<void>;
  drop(topicPartitions: readonly TopicPartition[], kind: "revoked" | "lost"): void;
  /** Adds what is new; tells about it even when it is nothing. */
  take(topicPartitions: readonly TopicPartition[]): void;
  onError(error: KafkaError): void;
  onFatal(error: KafkaError): void;
}

export function nameOf({ topic, topicPartition }: TopicPartition): string {
  return `${topicPartition} ${topic}`;
}

/** Those of `all` that are not in `others`. */
export function without(
  all: readonly TopicPartition[],
  others: readonly TopicPartition[],
): TopicPartition[] {
  const names = new Set(others.map(nameOf));
  return all.filter((each) => !names.has(nameOf(each)));
}
