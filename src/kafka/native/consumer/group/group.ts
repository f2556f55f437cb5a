// The consumer's part in a group: its membership (or none, with topicPartitions that the caller
// chose), its commits, and their order when topicPartitions come and go.

import {
  type ClientEnvironment,
  type GroupMembership,
  KafkaError,
  type Rebalance,
  type TopicPartition,
} from "../../../client.ts";
import type { ConsumerConf } from "../../../conf/types.ts";
import { type Deadline, deadlineIn } from "../../../retry.ts";
import type { Control } from "../../control.ts";
import { callError } from "../../protocol-error.ts";
import type { Assignment } from "../assignment.ts";
import type { Delivery } from "../delivery.ts";
import type { Partition } from "../partition.ts";
import type { CommittedPosition } from "../placement.ts";
import type { Topics } from "../topics.ts";
import { createBrokerMember } from "./broker-member.ts";
import { createClassicMember } from "./classic-member.ts";
import { createCommits } from "./commits.ts";
import { createCoordinator } from "./coordinator.ts";
import { type Member, type MemberHost, without } from "./member.ts";

export interface Group {
  /** Rejects when the coordinator cannot be found until the deadline. */
  start(deadline: Deadline): Promise<void>;
  committed(
    partitions: readonly Partition[],
    deadline: Deadline,
  ): Promise<readonly CommittedPosition[]>;
  commit(deadline: Deadline): Promise<void>;
  onTopics(): void;
  readonly membership: GroupMembership | undefined;
  readonly trouble: KafkaError | undefined;
  close(deadline: Deadline): Promise<void>;
}

export interface GroupOptions {
  readonly conf: ConsumerConf;
  readonly groupId: string;
  readonly environment: ClientEnvironment;
  readonly control: Control;
  readonly topics: Topics;
  readonly assignment: Assignment;
  readonly delivery: Delivery;
  /** Undefined: the caller has chosen topicPartitions. */
  readonly subscription: readonly string[] | undefined;
  onAssigned(): void;
  onRebalance(rebalance: Rebalance): void;
  onError(error: KafkaError): void;
  onFatal(error: KafkaError): void;
}

/** The identity of those who commit without being members. */
const nobody = { memberId: "", epoch: -1 };
/** The longest that a rebalance waits for a commit. */
const commitBeforeMs = 10_000;

export function createGroup(options: GroupOptions): Group {
  const { conf, groupId, environment, assignment, delivery, subscription } = options;
  const { clock } = environment;
  const ended = new AbortController();
  const coordinator = createCoordinator(groupId, options.control, conf, environment);
  let member: Member | undefined;

  const commits = createCommits({
    conf,
    groupId,
    environment,
    coordinator,
    positionOf: delivery.positionOf,
    identity: () => (subscription === undefined ? nobody : member?.identity),
    onDoubt: () => member?.doubt(),
  });

  async function tryCommit(partitions: readonly Partition[], timeoutMs: number): Promise<void> {
    try {
      await commits.commit(partitions, deadlineIn(clock, timeoutMs));
    } catch (error) {
      options.onError(callError(`group "${groupId}"`, error));
    }
  }

  async function autoCommit(): Promise<void> {
    const intervalMs = Math.max(1, conf.autoCommitIntervalMs);
    for (;;) {
      await clock.sleep(intervalMs, ended.signal);
      if (ended.signal.aborted) return;
      const isMember = subscription === undefined || member?.identity !== undefined;
      if (isMember) await tryCommit(assignment.partitions, intervalMs);
    }
  }

  function memberHost(names: readonly string[]): MemberHost {
    return {
      conf,
      groupId,
      environment,
      coordinator,
      topics: options.topics,
      subscription: names,
      assigned: () => assignment.partitions.map(topicPartitionOf),
      busySinceUs: () => delivery.busySinceUs,
      hold: delivery.hold,
      release: delivery.release,
      async commitBefore(topicPartitions) {
        if (!conf.autoCommit) return;
        const partitions = topicPartitions.flatMap(
          ({ topic, topicPartition }) => assignment.find(topic, topicPartition) ?? [],
        );
        await tryCommit(partitions, Math.min(commitBeforeMs, conf.requestTimeoutMs));
      },
      drop(topicPartitions, kind) {
        if (topicPartitions.length === 0) return;
        assignment.remove(topicPartitions);
        commits.forget(topicPartitions);
        delivery.pump();
        options.onRebalance({ kind, topicPartitions });
      },
      take(topicPartitions) {
        const added = without(topicPartitions, assignment.partitions.map(topicPartitionOf));
        assignment.add(added);
        options.onRebalance({ kind: "assigned", topicPartitions: added });
        options.onAssigned();
      },
      onError: options.onError,
      onFatal: options.onFatal,
    };
  }

  return {
    async start(deadline) {
      // Whether the group may be used at all is known before anything is read.
      if (subscription === undefined) await commits.committed([], deadline);
      else {
        const create = conf.groupProtocol === "consumer" ? createBrokerMember : createClassicMember;
        member = create(memberHost(subscription));
        await commits.committed([], deadline);
        member.start();
      }
      if (conf.autoCommit) void autoCommit();
    },
    committed: commits.committed,
    commit: (deadline) => commits.commit(assignment.partitions, deadline),
    onTopics: () => member?.onTopics(),
    get membership() {
      const identity = member?.identity;
      if (member === undefined || identity === undefined) return undefined;
      return { groupId, ...identity, rebalances: member.rebalances };
    },
    get trouble() {
      if (subscription === undefined || assignment.partitions.length > 0) return undefined;
      return withoutPartitions(groupId, member?.identity !== undefined);
    },
    async close(deadline) {
      ended.abort();
      const leftMs = Math.max(0, (deadline.untilUs - clock.nowUs()) / 1000);
      const canCommit = subscription === undefined || member?.identity !== undefined;
      if (conf.autoCommit && canCommit) await tryCommit(assignment.partitions, leftMs / 2);
      await member?.close(deadline);
      coordinator.close();
    },
  };
}

function topicPartitionOf({ name, topicPartition }: Partition): TopicPartition {
  return { topic: name, topicPartition };
}

function withoutPartitions(groupId: string, isMember: boolean): KafkaError {
  const message = isMember
    ? `group "${groupId}" has assigned no partition to this consumer; it may have more members` +
      " than partitions, or its topics do not exist"
    : `this consumer has not become a member of group "${groupId}" yet`;
  return new KafkaError("NO_PARTITIONS_ASSIGNED", message, true);
}
