// Topics: create and describe. Creating goes to the broker that metadata calls the controller (with
// KRaft any broker, which forwards it).

import type {
  Admin,
  ClientEnvironment,
  KafkaError,
  NewTopic,
  TopicDescription,
} from "../client.ts";
import type { AdminConf } from "../conf/types.ts";
import { deadlineIn } from "../retry.ts";
import { callTolerant } from "./api-calls.ts";
import { createControl } from "./control.ts";
import { brokerError } from "./protocol-error.ts";
import { wireApi } from "./wire-api.ts";

/** Kafka's code for a request that reached a broker which is not the controller (any more). */
const notController = 41;

export function createAdmin(conf: AdminConf, environment: ClientEnvironment): Admin {
  const control = createControl(conf, environment);
  const { clock } = environment;

  return {
    async createTopics(topics, signal) {
      const deadline = deadlineIn(clock, conf.requestTimeoutMs, signal);
      const request = topics.map(toWire);
      const response = await control.askAny(deadline, async (connection) => {
        const answer = await callTolerant(
          connection,
          wireApi.createTopics,
          request,
          conf.requestTimeoutMs,
          false,
        );
        if (answer.topics.some((topic) => topic.errorCode === notController)) {
          throw brokerError(notController);
        }
        return answer;
      });
      return new Map(
        response.topics.map((topic) => [
          topic.name,
          topic.errorCode === 0 ? undefined : brokerError(topic.errorCode, topic.errorMessage),
        ]),
      );
    },
    async describeTopics(names, signal) {
      const deadline = deadlineIn(clock, conf.requestTimeoutMs, signal);
      const response = await control.metadata(names, deadline);
      const described = new Map<string, TopicDescription | KafkaError>();
      for (const { name, errorCode, partitions } of response.topics) {
        if (typeof name !== "string") continue;
        if (errorCode !== 0) described.set(name, brokerError(errorCode));
        else described.set(name, { name, partitions: partitions.map(indexOf).sort(ascending) });
      }
      return described;
    },
    async close() {
      control.close();
    },
  };
}

const indexOf = (partition: { readonly partitionIndex: number }) => partition.partitionIndex;
const ascending = (a: number, b: number) => a - b;

function toWire(topic: NewTopic) {
  const isAssigned = topic.assignments.size > 0;
  return {
    name: topic.name,
    numPartitions: isAssigned ? -1 : topic.numPartitions,
    replicationFactor: isAssigned ? -1 : topic.replicationFactor,
    assignments: [...topic.assignments].map(([partitionIndex, brokerIds]) => ({
      partitionIndex,
      brokerIds: [...brokerIds],
    })),
    configs: [...topic.configs].map(([name, value]) => ({ name, value })),
  };
}
