// Topics: create and describe. Creating goes to the broker that metadata calls the controller (with
// KRaft any broker, which forwards it).

import type { Admin, ClientEnvironment, NewTopic } from "../client.ts";
import type { AdminConf } from "../conf/types.ts";
import { callTolerant } from "./broker-connection.ts";
import { createControl } from "./control.ts";
import { brokerError } from "./protocol-error.ts";
import { deadlineIn } from "./retry.ts";
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
      return new Map(
        response.topics.map((topic) => {
          const name = topic.name ?? "";
          if (topic.errorCode !== 0) return [name, brokerError(topic.errorCode)];
          const partitions = topic.partitions.map((partition) => partition.partitionIndex);
          return [name, { name, partitions: partitions.sort((a, b) => a - b) }];
        }),
      );
    },
    async close() {
      control.close();
    },
  };
}

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
