// What the consumer knows of its topics: partitions, leaders, ids. Asks at the start, again when
// somebody finds that the picture is old, and every metadata.max.age.ms.

import { type ClientEnvironment, KafkaError, type TopicPartition } from "../../client.ts";
import type { ConsumerConf } from "../../conf/types.ts";
import { backoffAfter, type Deadline, deadlineIn, retrying } from "../../retry.ts";
import type { Control } from "../control.ts";
import { brokerError, callError } from "../protocol-error.ts";

export interface LeaderOf {
  readonly leaderId: number;
  readonly leaderEpoch: number;
}

export interface KnownTopic {
  readonly name: string;
  readonly nameBytes: Uint8Array;
  readonly id: string;
  /** By partition number. */
  readonly leaders: readonly LeaderOf[];
}

export interface Topics {
  readonly known: ReadonlyMap<string, KnownTopic>;
  /** Why a topic is not known. */
  readonly problems: ReadonlyMap<string, KafkaError>;
  readonly wanted: ReadonlySet<string>;
  /** Topics to keep in the picture. */
  want(names: readonly string[]): void;
  /** Asks now. Rejects when no broker answers until the deadline. */
  refresh(deadline: Deadline): Promise<void>;
  /** The same until all of these are known; rejects with what is wrong with the first. */
  refreshUntilKnown(topicPartitions: readonly TopicPartition[], deadline: Deadline): Promise<void>;
  /** The picture may be old: asks again soon, once for all who say so meanwhile. */
  refreshSoon(): void;
  /** A broker told of a newer leader. */
  hear(name: string, topicPartition: number, leader: LeaderOf): void;
  byId(id: string): KnownTopic | undefined;
  close(): void;
}

export interface TopicsEvents {
  onUpdate(): void;
  onError(error: KafkaError): void;
}

export function createTopics(
  control: Control,
  conf: ConsumerConf,
  { clock }: ClientEnvironment,
  events: TopicsEvents,
): Topics {
  const known = new Map<string, KnownTopic>();
  const problems = new Map<string, KafkaError>();
  const wanted = new Set<string>();
  const backoff = { backoffMs: conf.retryBackoffMs, backoffMaxMs: conf.retryBackoffMaxMs };
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isSoon = false;
  let isClosed = false;
  /** How often in a row topics were missing. */
  let misses = 0;

  function schedule(ms: number): void {
    clearTimeout(timer);
    if (!isClosed) timer = setTimeout(refreshNow, ms);
  }

  async function refreshNow(): Promise<void> {
    isSoon = false;
    try {
      await topics.refresh(deadlineIn(clock, conf.requestTimeoutMs));
    } catch (error) {
      if (isClosed) return;
      events.onError(callError("metadata", error));
      schedule(conf.retryBackoffMaxMs);
    }
  }

  function take(response: MetadataAnswer): void {
    for (const topic of response.topics) {
      const { name } = topic;
      if (typeof name !== "string") continue;
      if (topic.errorCode !== 0) {
        problems.set(name, topicProblem(name, topic.errorCode));
        if (topic.errorCode === unknownTopic) known.delete(name);
        continue;
      }
      problems.delete(name);
      known.set(name, merged(topic, known.get(name)));
    }
  }

  function absenceOf({ topic, topicPartition }: TopicPartition): KafkaError | undefined {
    const leaders = known.get(topic)?.leaders;
    if (leaders?.[topicPartition] !== undefined) return undefined;
    const problem = problems.get(topic);
    if (problem !== undefined) {
      const isPassing = problem.retriable || problem.code === "UNKNOWN_TOPIC_OR_PARTITION";
      return new KafkaError(problem.code, problem.message, isPassing, problem.cause);
    }
    const message = `topic "${topic}" has ${leaders?.length ?? 0} partitions, there is no`;
    const text = `${message} partition ${topicPartition}`;
    return new KafkaError("UNKNOWN_TOPIC_OR_PARTITION", text, leaders === undefined);
  }

  const topics: Topics = {
    known,
    problems,
    wanted,
    want(names) {
      wanted.clear();
      for (const name of names) wanted.add(name);
    },
    async refresh(deadline) {
      if (wanted.size === 0) return;
      const mayCreate = conf.allowAutoCreateTopics;
      const response = await control.metadata([...wanted], deadline, mayCreate);
      if (isClosed) return;
      isSoon = false;
      take(response);
      misses = problems.size > 0 ? misses + 1 : 0;
      schedule(misses > 0 ? backoffAfter(backoff, misses) : conf.metadataMaxAgeMs);
      events.onUpdate();
    },
    refreshUntilKnown: (topicPartitions, deadline) =>
      retrying(clock, backoff, deadline, async () => {
        await topics.refresh(deadline);
        for (const wantedPartition of topicPartitions) {
          const problem = absenceOf(wantedPartition);
          if (problem !== undefined) throw problem;
        }
      }),
    refreshSoon() {
      if (isSoon || isClosed) return;
      isSoon = true;
      schedule(conf.retryBackoffMs);
    },
    hear(name, topicPartition, leader) {
      const topic = known.get(name);
      const before = topic?.leaders[topicPartition];
      if (topic === undefined || before === undefined) return;
      if (leader.leaderEpoch <= before.leaderEpoch || !control.brokers.has(leader.leaderId)) return;
      const leaders = [...topic.leaders];
      leaders[topicPartition] = leader;
      known.set(name, { ...topic, leaders });
      events.onUpdate();
    },
    byId(id) {
      for (const topic of known.values()) if (topic.id === id) return topic;
      return undefined;
    },
    close() {
      isClosed = true;
      clearTimeout(timer);
    },
  };
  return topics;
}

const unknownTopic = 3;

type MetadataAnswer = Awaited<ReturnType<Control["metadata"]>>;

function merged(topic: MetadataAnswer["topics"][number], before: KnownTopic | undefined) {
  const isSame = before?.id === topic.topicId;
  const nobody: LeaderOf = { leaderId: -1, leaderEpoch: -1 };
  const leaders = topic.partitions.map(() => nobody);
  for (const { partitionIndex, leaderId, leaderEpoch } of topic.partitions) {
    if (leaders[partitionIndex] === undefined) continue;
    const old = isSame ? before?.leaders[partitionIndex] : undefined;
    // A broker that lags behind may still tell of an older leader.
    const isOlder = old !== undefined && leaderEpoch < old.leaderEpoch;
    leaders[partitionIndex] = isOlder ? old : { leaderId, leaderEpoch };
  }
  const name = topic.name as string;
  const nameBytes = before?.nameBytes ?? new TextEncoder().encode(name);
  return { name, nameBytes, id: topic.topicId, leaders };
}

function topicProblem(name: string, errorCode: number): KafkaError {
  const error = brokerError(errorCode);
  return new KafkaError(error.code, `topic "${name}": ${error.message}`, error.retriable, error);
}
