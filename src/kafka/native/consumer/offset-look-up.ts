// Offsets of any topicPartitions for a caller: with metadata of its own, tried again until all are
// there or the deadline is over.

import type { ClientEnvironment } from "../../client.ts";
import { KafkaError, type OffsetQuery, type TopicPartition } from "../../client.ts";
import type { ConnectionConf } from "../../conf/types.ts";
import { type Deadline, retrying } from "../../retry.ts";
import type { Control } from "../control.ts";
import { brokerError } from "../protocol-error.ts";
import type { AskOffsets } from "./offsets.ts";

export interface OffsetLookUpOptions {
  readonly control: Control;
  readonly conf: ConnectionConf;
  readonly environment: ClientEnvironment;
  readonly askOffsets: AskOffsets;
}

export type OffsetLookUp = (
  topicPartitions: readonly TopicPartition[],
  query: OffsetQuery,
  deadline: Deadline,
) => Promise<number[]>;

export function createOffsetLookUp(options: OffsetLookUpOptions): OffsetLookUp {
  const { control, conf, environment, askOffsets } = options;
  const backoff = { backoffMs: conf.retryBackoffMs, backoffMaxMs: conf.retryBackoffMaxMs };

  async function leadersOf(names: readonly string[], deadline: Deadline) {
    const leaders = new Map<string, { leaderId: number; leaderEpoch: number }>();
    const { topics } = await control.metadata(names, deadline);
    for (const { name, errorCode, partitions } of topics) {
      if (errorCode !== 0) throw named(String(name), brokerError(errorCode));
      for (const partition of partitions) {
        leaders.set(`${partition.partitionIndex} ${name}`, partition);
      }
    }
    return leaders;
  }

  return (topicPartitions, query, deadline) =>
    retrying(environment.clock, backoff, deadline, async () => {
      if (topicPartitions.length === 0) return [];
      const names = [...new Set(topicPartitions.map(({ topic }) => topic))];
      const leaders = await leadersOf(names, deadline);
      const questions = topicPartitions.map(({ topic, topicPartition }) => {
        const leader = leaders.get(`${topicPartition} ${topic}`);
        if (leader === undefined) throw noPartition(topic, topicPartition);
        const { leaderId, leaderEpoch } = leader;
        return { name: topic, topicPartition, leaderId, leaderEpoch, query };
      });
      const answers = await askOffsets(questions, deadline);
      return answers.map((answer) => {
        if (answer instanceof KafkaError) throw answer;
        return answer.offset;
      });
    });
}

function named(topic: string, error: KafkaError): KafkaError {
  const isPassing = error.retriable || error.code === "UNKNOWN_TOPIC_OR_PARTITION";
  return new KafkaError(error.code, `topic "${topic}": ${error.message}`, isPassing, error);
}

function noPartition(topic: string, topicPartition: number): KafkaError {
  const message = `topic "${topic}": there is no partition ${topicPartition}`;
  return new KafkaError("UNKNOWN_TOPIC_OR_PARTITION", message, false);
}
