// Who is who in a cluster at one moment: its brokers, the active controller, and where asked the
// replicas of a topicPartition and the coordinator of a group.

import { type ClientEnvironment, KafkaError, type TopicPartition } from "../client.ts";
import type { AdminConf } from "../conf/types.ts";
import { deadlineIn } from "../retry.ts";
import { callTolerant } from "./api-calls.ts";
import { createControl } from "./control.ts";
import { brokerError } from "./protocol-error.ts";
import { describeQuorum, quorumIn } from "./quorum.ts";
import { wireApi } from "./wire-api.ts";

export interface ClusterQuestion {
  readonly topicPartition?: TopicPartition;
  readonly group?: string;
  /** Also who the controllers are; without it that is not asked. */
  readonly controllers?: boolean;
}

export interface BrokerView {
  readonly id: number;
  readonly host: string;
  readonly port: number;
}

export interface ClusterView {
  /** Those in service, by id. */
  readonly brokers: readonly BrokerView[];
  /** The leader of the metadata quorum, and all its voters. */
  readonly activeController?: number;
  readonly controllers?: readonly number[];
  readonly leader?: number;
  readonly replicas?: readonly number[];
  readonly groupCoordinator?: number;
}

const groupKey = 0;
/** The protocol's UNKNOWN_TOPIC_OR_PARTITION. */
const unknownTopic = 3;

/** Rejects with KafkaError within default.api.timeout.ms. */
export async function viewCluster(
  conf: AdminConf,
  environment: ClientEnvironment,
  question: ClusterQuestion,
  signal?: AbortSignal,
): Promise<ClusterView> {
  const control = createControl(conf, environment);
  const deadline = deadlineIn(environment.clock, conf.defaultApiTimeoutMs, signal);
  const { topicPartition, group, controllers } = question;
  try {
    const topics = topicPartition === undefined ? [] : [topicPartition.topic];
    const metadata = await control.metadata(topics, deadline);
    const brokers = metadata.brokers.map(({ nodeId, host, port }) => ({ id: nodeId, host, port }));
    const quorum = async () => {
      const found = quorumIn(await control.askAny(deadline, describeQuorum));
      if (found === undefined) throw brokerError(0);
      const voters = found.currentVoters.map((voter) => voter.replicaId);
      return { activeController: found.leaderId, controllers: voters };
    };
    const coordinator = async (groupId: string) => {
      const { nodeId, groups } = await control.askAny(deadline, async (connection) => {
        const answer = await callTolerant(connection, wireApi.findCoordinator, groupKey, [groupId]);
        const [one] = answer.coordinators;
        if (one === undefined || one.errorCode !== 0) throw brokerError(one?.errorCode ?? -1);
        const listed = await control.askAt(one, deadline, (itsConnection) =>
          callTolerant(itsConnection, wireApi.listGroups, [], []),
        );
        if (listed.errorCode !== 0) throw brokerError(listed.errorCode);
        return { nodeId: one.nodeId, groups: listed.groups };
      });
      // Any name has a coordinator, also one with a slip of the pen.
      if (groups.some((one) => one.groupId === groupId)) return { groupCoordinator: nodeId };
      const message = `group "${groupId}" does not exist, or may not be seen`;
      throw new KafkaError("GROUP_ID_NOT_FOUND", message, false);
    };
    return {
      brokers: brokers.sort((a, b) => a.id - b.id),
      ...(topicPartition === undefined ? {} : replicasIn(metadata, topicPartition)),
      ...(controllers === true ? await quorum() : {}),
      ...(group === undefined ? {} : await coordinator(group)),
    };
  } finally {
    control.close();
  }
}

interface TopicsAnswer {
  readonly topics: readonly {
    readonly name: unknown;
    readonly errorCode: number;
    readonly partitions: readonly {
      readonly partitionIndex: number;
      readonly leaderId: number;
      readonly replicaNodes: readonly number[];
    }[];
  }[];
}

function replicasIn({ topics }: TopicsAnswer, { topic, topicPartition }: TopicPartition) {
  const found = topics.find(({ name }) => name === topic);
  if (found === undefined || found.errorCode === unknownTopic) {
    const message = `topic "${topic}" does not exist`;
    throw new KafkaError("UNKNOWN_TOPIC_OR_PARTITION", message, false);
  }
  if (found.errorCode !== 0) throw brokerError(found.errorCode);
  const one = found.partitions.find(({ partitionIndex }) => partitionIndex === topicPartition);
  if (one === undefined) {
    const message = `topic "${topic}" has no topicPartition ${topicPartition}`;
    throw new KafkaError("UNKNOWN_TOPIC_OR_PARTITION", message, false);
  }
  if (one.leaderId < 0) {
    const message = `${topic}-${topicPartition} has no leader`;
    throw new KafkaError("LEADER_NOT_AVAILABLE", message, true);
  }
  return { leader: one.leaderId, replicas: one.replicaNodes };
}
