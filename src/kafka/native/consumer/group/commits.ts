// Commits the consumer's positions for its group, now or every auto.commit.interval.ms, and reads
// what was committed.

import { type ClientEnvironment, KafkaError, type TopicPartition } from "../../../client.ts";
import type { ConsumerConf } from "../../../conf/types.ts";
import { type Deadline, deadlineIn, retrying } from "../../../retry.ts";
import { wireApi } from "../../wire-api.ts";
import { keyOf } from "../assignment.ts";
import { mergeTopics } from "../offsets.ts";
import type { Partition } from "../partition.ts";
import type { CommittedPosition } from "../placement.ts";
import { type Coordinator, groupError, isCoordinatorMove } from "./coordinator.ts";
import type { MemberIdentity } from "./member.ts";

export interface Commits {
  /** Commits these positions as far as they are new. Rejects with the reason when it cannot. */
  commit(partitions: readonly Partition[], deadline: Deadline): Promise<void>;
  committed(
    partitions: readonly Partition[],
    deadline: Deadline,
  ): Promise<readonly CommittedPosition[]>;
  forget(topicPartitions: readonly TopicPartition[]): void;
}

export interface CommitsOptions {
  readonly conf: ConsumerConf;
  readonly groupId: string;
  readonly environment: ClientEnvironment;
  readonly coordinator: Coordinator;
  positionOf(partition: Partition): number;
  /** Undefined while the member has no part in the group. */
  identity(): MemberIdentity | undefined;
  /** The group says that this member is not what it takes itself for. */
  onDoubt(): void;
}

const passing = new Set([
  "REBALANCE_IN_PROGRESS",
  "UNKNOWN_TOPIC_OR_PARTITION",
  "COORDINATOR_LOAD_IN_PROGRESS",
  "UNSTABLE_OFFSET_COMMIT",
  "STALE_MEMBER_EPOCH",
]);
const doubtful = new Set(["UNKNOWN_MEMBER_ID", "ILLEGAL_GENERATION", "FENCED_MEMBER_EPOCH"]);

export function createCommits(options: CommitsOptions): Commits {
  const { conf, groupId, coordinator } = options;
  const { clock } = options.environment;
  const backoff = { backoffMs: conf.retryBackoffMs, backoffMaxMs: conf.retryBackoffMaxMs };
  const isNew = conf.groupProtocol === "consumer";
  /** What was committed last, by topicPartition. */
  const last = new Map<string, number>();

  function failure(errorCode: number): KafkaError {
    const error = groupError(groupId, errorCode);
    if (isCoordinatorMove(error)) coordinator.forget();
    if (doubtful.has(error.code)) options.onDoubt();
    const isPassing = error.retriable || passing.has(error.code);
    return new KafkaError(error.code, error.message, isPassing, error);
  }

  async function tryCommit(wanted: readonly Wanted[], deadline: Deadline): Promise<void> {
    const identity = options.identity();
    if (identity === undefined) throw notAMember(groupId);
    const answer = await coordinator.call(
      deadline,
      isNew ? wireApi.offsetCommit : wireApi.offsetCommitClassic,
      groupId,
      identity.epoch,
      identity.memberId,
      conf.groupInstanceId ?? null,
      mergeTopics(wanted.map(toWire)),
    );
    for (const { partitions } of answer.topics) {
      for (const { errorCode } of partitions) if (errorCode !== 0) throw failure(errorCode);
    }
    for (const { key, offset } of wanted) last.set(key, offset);
  }

  return {
    async commit(partitions, deadline) {
      const wanted = partitions.flatMap((partition) => wantedOf(partition, options.positionOf));
      const changed = wanted.filter(({ key, offset }) => last.get(key) !== offset);
      if (changed.length === 0) return;
      await retrying(clock, backoff, deadline, () =>
        tryCommit(changed, soonest(deadline, deadlineIn(clock, conf.requestTimeoutMs))),
      );
    },
    committed: (partitions, deadline) =>
      retrying(clock, backoff, deadline, async () => {
        const identity = options.identity();
        const topics = mergeTopics(
          partitions.map(({ name, topicPartition }) => ({ name, partitions: [topicPartition] })),
        ).map(({ name, partitions: partitionIndexes }) => ({ name, partitionIndexes }));
        const isMember = isNew && identity !== undefined && identity.epoch >= 0;
        const answer = await coordinator.call(
          deadline,
          isNew ? wireApi.offsetFetch : wireApi.offsetFetchClassic,
          [
            {
              groupId,
              memberId: isMember ? identity.memberId : null,
              memberEpoch: isMember ? identity.epoch : -1,
              topics,
            },
          ],
          true,
        );
        const group = answer.groups[0];
        if (group !== undefined && group.errorCode !== 0) throw failure(group.errorCode);
        const found = new Map<string, CommittedPosition>();
        for (const { name, partitions: parts } of group?.topics ?? []) {
          for (const part of parts) {
            if (part.errorCode !== 0) throw failure(part.errorCode);
            const offset = Number(part.committedOffset);
            const key = keyOf(name, part.partitionIndex);
            found.set(key, { offset, epoch: part.committedLeaderEpoch });
            if (offset >= 0) last.set(key, offset);
          }
        }
        return partitions.map(
          ({ name, topicPartition }) =>
            found.get(keyOf(name, topicPartition)) ?? { offset: -1, epoch: -1 },
        );
      }),
    forget(topicPartitions) {
      for (const { topic, topicPartition } of topicPartitions) {
        last.delete(keyOf(topic, topicPartition));
      }
    },
  };
}

interface Wanted {
  readonly key: string;
  readonly partition: Partition;
  readonly offset: number;
}

function wantedOf(partition: Partition, positionOf: CommitsOptions["positionOf"]): Wanted[] {
  if (!partition.isPlaced) return [];
  const offset = positionOf(partition);
  return [{ key: keyOf(partition.name, partition.topicPartition), partition, offset }];
}

function toWire({ partition, offset }: Wanted) {
  // The epoch belongs to the record before the offset; it is known when all was handed over.
  const isEpochKnown = offset === partition.fetchOffset;
  return {
    name: partition.name,
    partitions: [
      {
        partitionIndex: partition.topicPartition,
        committedOffset: BigInt(offset),
        committedLeaderEpoch: isEpochKnown ? partition.lastFetchedEpoch : -1,
        committedMetadata: "",
      },
    ],
  };
}

function soonest(one: Deadline, other: Deadline): Deadline {
  return { ...one, untilUs: Math.min(one.untilUs, other.untilUs) };
}

function notAMember(groupId: string): KafkaError {
  const message = `group "${groupId}": offsets cannot be committed while the member is joining`;
  return new KafkaError("REBALANCE_IN_PROGRESS", message, true);
}
