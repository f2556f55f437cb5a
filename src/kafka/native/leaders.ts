// Who leads which topicPartition. Asks once at the start, again when a send says that the picture
// is old (with retry.backoff.ms between the tries), and every metadata.max.age.ms.

import { type ClientEnvironment, KafkaError } from "../client.ts";
import type { ConnectionConf } from "../conf/types.ts";
import { type Deadline, deadlineIn, retrying } from "../retry.ts";
import type { Control } from "./control.ts";
import { createPartitionQueue, type PartitionQueue, type TopicQueues } from "./partition-queue.ts";
import { brokerError } from "./protocol-error.ts";

export interface Leaders {
  readonly topics: ReadonlyMap<string, TopicQueues>;
  readonly queues: readonly PartitionQueue[];
  /**
   * Learns the topics' partitions. Rejects when one is unknown until the deadline, or forbidden.
   */
  learn(names: readonly string[], deadline: Deadline): Promise<void>;
  /** The picture may be old: asks again soon, once for all who say so meanwhile. */
  refreshSoon(): void;
  close(): void;
}

/** Errors of a topic that a later answer may not have: it is being created, or moves. */
const passing = new Set(["LEADER_NOT_AVAILABLE", "UNKNOWN_TOPIC_OR_PARTITION"]);

export function createLeaders(
  control: Control,
  conf: ConnectionConf,
  environment: ClientEnvironment,
  onUpdate: () => void,
): Leaders {
  const { clock } = environment;
  const topics = new Map<string, TopicQueues>();
  const queues: PartitionQueue[] = [];
  const backoff = { backoffMs: conf.retryBackoffMs, backoffMaxMs: conf.retryBackoffMaxMs };
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isSoon = false;
  let isClosed = false;

  function schedule(ms: number): void {
    clearTimeout(timer);
    if (!isClosed) timer = setTimeout(refresh, ms);
  }

  async function refresh(): Promise<void> {
    try {
      await fetch([...topics.keys()], deadlineIn(clock, conf.requestTimeoutMs));
    } catch (error) {
      environment.log.debug("could not refresh metadata", { error: String(error) });
      isSoon = false;
      schedule(conf.retryBackoffMaxMs);
      return;
    }
    isSoon = false;
    schedule(conf.metadataMaxAgeMs);
    if (!isClosed) onUpdate();
  }

  /** Answers the first topic error. */
  async function fetch(names: readonly string[], deadline: Deadline) {
    const response = await control.metadata(names, deadline);
    let problem: KafkaError | undefined;
    for (const { name, errorCode, partitions } of response.topics) {
      if (typeof name !== "string") continue;
      if (errorCode !== 0) {
        problem ??= topicProblem(name, brokerError(errorCode));
        continue;
      }
      const topic = topicQueues(name, partitions.length);
      for (const { partitionIndex, leaderId } of partitions) {
        const queue = topic.queues[partitionIndex];
        if (queue !== undefined) queue.leaderId = leaderId;
      }
    }
    return problem;
  }

  function topicQueues(name: string, partitionCount: number): TopicQueues {
    let topic = topics.get(name);
    if (topic === undefined) {
      topic = { name, nameBytes: new TextEncoder().encode(name), queues: [] };
      topics.set(name, topic);
    }
    for (let i = topic.queues.length; i < partitionCount; i++) {
      const queue = createPartitionQueue(topic, i);
      topic.queues.push(queue);
      queues.push(queue);
    }
    return topic;
  }

  return {
    topics,
    queues,
    async learn(names, deadline) {
      await retrying(clock, backoff, deadline, async () => {
        const problem = await fetch(names, deadline);
        if (problem !== undefined) throw problem;
      });
      schedule(conf.metadataMaxAgeMs);
    },
    refreshSoon() {
      if (isSoon || isClosed) return;
      isSoon = true;
      schedule(conf.retryBackoffMs);
    },
    close() {
      isClosed = true;
      clearTimeout(timer);
    },
  };
}

function topicProblem(name: string, error: KafkaError): KafkaError {
  const message = `topic "${name}": ${error.message}`;
  return new KafkaError(error.code, message, error.retriable || passing.has(error.code), error);
}
