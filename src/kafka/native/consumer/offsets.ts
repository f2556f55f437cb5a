// Asks the leaders for offsets: the earliest and latest of a topicPartition, or the first at or
// after a time.

import { KafkaError, type OffsetQuery } from "../../client.ts";
import type { ConsumerConf } from "../../conf/types.ts";
import type { Deadline } from "../../retry.ts";
import { callTolerant } from "../api-calls.ts";
import type { Control } from "../control.ts";
import { brokerError } from "../protocol-error.ts";
import { wireApi } from "../wire-api.ts";

export interface OffsetQuestion {
  readonly name: string;
  readonly topicPartition: number;
  readonly leaderId: number;
  readonly leaderEpoch: number;
  readonly query: OffsetQuery;
}

export interface FoundOffset {
  /** -1: no record at or after the time. */
  readonly offset: number;
  /** The epoch of the record there; -1 when it is not known. */
  readonly epoch: number;
}

/** Answers each question, in their order, with an offset or what went wrong; never rejects. */
export type AskOffsets = (
  questions: readonly OffsetQuestion[],
  deadline: Deadline,
) => Promise<(FoundOffset | KafkaError)[]>;

export function createAskOffsets(
  control: Control,
  conf: Pick<ConsumerConf, "readCommitted">,
): AskOffsets {
  async function askLeader(
    leaderId: number,
    questions: readonly OffsetQuestion[],
    deadline: Deadline,
  ): Promise<(FoundOffset | KafkaError)[]> {
    const address = control.brokers.get(leaderId);
    if (address === undefined) return questions.map(noLeader);
    const request = questions.map(({ name, topicPartition, leaderEpoch, query }) => ({
      name,
      partitions: [
        {
          partitionIndex: topicPartition,
          currentLeaderEpoch: leaderEpoch,
          timestamp: timestampOf(query),
        },
      ],
    }));
    const isolation = conf.readCommitted ? 1 : 0;
    try {
      const answer = await control.askAt(address, deadline, (connection) =>
        callTolerant(connection, wireApi.listOffsets, -1, isolation, mergeTopics(request)),
      );
      const found = new Map<string, FoundOffset | KafkaError>();
      for (const topic of answer.topics) {
        for (const { partitionIndex, errorCode, offset, leaderEpoch } of topic.partitions) {
          const result = { offset: Number(offset), epoch: leaderEpoch };
          const key = `${topic.name}-${partitionIndex}`;
          found.set(key, errorCode === 0 ? result : brokerError(errorCode));
        }
      }
      return questions.map(
        (question) =>
          found.get(`${question.name}-${question.topicPartition}`) ?? notAnswered(question),
      );
    } catch (error) {
      return questions.map(() => error as KafkaError);
    }
  }

  return async (questions, deadline) => {
    const byLeader = Map.groupBy(questions, ({ leaderId }) => leaderId);
    const answers = new Map<OffsetQuestion, FoundOffset | KafkaError>();
    await Promise.all(
      [...byLeader].map(async ([leaderId, group]) => {
        const results = await askLeader(leaderId, group, deadline);
        for (const [index, question] of group.entries()) answers.set(question, results[index]!);
      }),
    );
    return questions.map((question) => answers.get(question)!);
  };
}

function timestampOf(query: OffsetQuery): bigint {
  if (query === "latest") return -1n;
  if (query === "earliest") return -2n;
  return BigInt(Math.max(0, Math.floor(query.timestampMs)));
}

interface AskedTopic<Part> {
  readonly name: string;
  readonly partitions: Part[];
}

/** Brokers want each topic once in a request. */
export function mergeTopics<Part>(topics: readonly AskedTopic<Part>[]): AskedTopic<Part>[] {
  const byName = Map.groupBy(topics, ({ name }) => name);
  return [...byName].map(([name, same]) => ({
    name,
    partitions: same.flatMap(({ partitions }) => partitions),
  }));
}

function noLeader({ name, topicPartition }: OffsetQuestion): KafkaError {
  const message = `partition ${topicPartition} of topic "${name}" has no leader`;
  return new KafkaError("LEADER_NOT_AVAILABLE", message, true);
}

function notAnswered({ name, topicPartition }: OffsetQuestion): KafkaError {
  const message = `the broker said nothing of partition ${topicPartition} of topic "${name}"`;
  return new KafkaError("UNKNOWN_SERVER_ERROR", message, true);
}
