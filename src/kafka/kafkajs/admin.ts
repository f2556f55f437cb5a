// Topics over kafkajs: created one by one, because kafkajs reports one result for a whole call.

import type { Admin as KafkajsAdmin } from "kafkajs";
import type { Admin, ClientEnvironment, NewTopic, TopicDescription } from "../client.ts";
import { KafkaError } from "../client.ts";
import type { AdminConf } from "../conf/types.ts";
import { type Deadline, deadlineIn, retryingWithin } from "../retry.ts";
import { createConnector } from "./connect.ts";
import { toKafkaError } from "./kafkajs-error.ts";

export function createAdmin(conf: AdminConf, environment: ClientEnvironment): Admin {
  const connector = createConnector(conf, environment);
  const { clock } = environment;
  const pauses = { backoffMs: conf.retryBackoffMs, backoffMaxMs: conf.retryBackoffMaxMs };
  let connected: KafkajsAdmin | undefined;

  async function connect(): Promise<KafkajsAdmin> {
    if (connected !== undefined) return connected;
    const admin = connector.kafka(await connector.load()).admin();
    await admin.connect();
    connected = admin;
    return admin;
  }

  /** The next call connects anew. */
  function drop(): void {
    void connected?.disconnect().catch(() => {});
    connected = undefined;
  }

  /**
   * Errors of the topic are answers; errors of the connection are tried again until the deadline.
   */
  async function ask<Answer>(
    deadline: Deadline,
    operation: (admin: KafkajsAdmin) => Promise<Answer>,
  ): Promise<Answer | KafkaError> {
    const attempt = async () => {
      try {
        return await operation(await connect());
      } catch (error) {
        const cause = toKafkaError(error, connector.errorContext);
        if (!connectionCodes.has(cause.code) && !retriedCodes.has(cause.code)) return cause;
        if (connectionCodes.has(cause.code)) drop();
        throw cause;
      }
    };
    const timedOut = () =>
      new KafkaError(
        "REQUEST_TIMED_OUT",
        `${connector.errorContext.brokers}: no answer within request.timeout.ms ` +
          `(${conf.requestTimeoutMs})`,
        true,
      );
    return await retryingWithin(clock, pauses, deadline, timedOut, attempt);
  }

  return {
    async createTopics(topics, signal) {
      const deadline = deadlineIn(clock, conf.requestTimeoutMs, signal);
      const results = new Map<string, KafkaError | undefined>();
      for (const topic of topics) {
        const answer = await ask(deadline, (admin) =>
          admin.createTopics({ topics: [toKafkajs(topic)], timeout: conf.requestTimeoutMs }),
        );
        results.set(topic.name, resultOf(topic.name, answer));
      }
      return results;
    },
    async describeTopics(names, signal) {
      const deadline = deadlineIn(clock, conf.requestTimeoutMs, signal);
      const described = new Map<string, TopicDescription | KafkaError>();
      for (const name of names) {
        const answer = await ask(deadline, (admin) => admin.fetchTopicMetadata({ topics: [name] }));
        described.set(name, answer instanceof KafkaError ? answer : descriptionOf(name, answer));
      }
      return described;
    },
    async close() {
      const admin = connected;
      connected = undefined;
      await Promise.race([admin?.disconnect(), clock.sleep(1000)]).catch(() => {});
      connector.destroy();
    },
  };
}

const connectionCodes = new Set([
  "NETWORK_EXCEPTION",
  "REQUEST_TIMED_OUT",
  "SSL_HANDSHAKE_FAILED",
  "SASL_AUTHENTICATION_FAILED",
  "UNKNOWN_SERVER_ERROR",
]);
const retriedCodes = new Set(["NOT_CONTROLLER", "LEADER_NOT_AVAILABLE"]);

function toKafkajs(topic: NewTopic) {
  const isAssigned = topic.assignments.size > 0;
  return {
    topic: topic.name,
    numPartitions: isAssigned ? -1 : topic.numPartitions,
    replicationFactor: isAssigned ? -1 : topic.replicationFactor,
    replicaAssignment: [...topic.assignments].map(([partition, replicas]) => ({
      partition,
      replicas: [...replicas],
    })),
    configEntries: [...topic.configs].map(([name, value]) => ({ name, value })),
  };
}

/** kafkajs answers false, not an error, for a topic that exists. */
function resultOf(name: string, answer: boolean | KafkaError): KafkaError | undefined {
  if (answer instanceof KafkaError) return answer;
  if (answer) return undefined;
  return new KafkaError("TOPIC_ALREADY_EXISTS", `Topic '${name}' already exists.`, false);
}

type Metadata = Awaited<ReturnType<KafkajsAdmin["fetchTopicMetadata"]>>;

function descriptionOf(name: string, metadata: Metadata): TopicDescription {
  const partitions = metadata.topics.find((topic) => topic.name === name)?.partitions ?? [];
  return {
    name,
    partitions: partitions.map(({ partitionId }) => partitionId).sort((a, b) => a - b),
  };
}
