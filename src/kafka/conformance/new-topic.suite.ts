// A topic with one partition and one replica, unless a test wants something else of it. Brokers
// that are only known by their address choose the number of replicas themselves.

import { brokerUnderTest } from "../../../test/support/broker-under-test.ts";
import type { NewTopic } from "../client.ts";

export function newTopic(topic: Partial<NewTopic> & Pick<NewTopic, "name">): NewTopic {
  return {
    numPartitions: 1,
    replicationFactor: brokerUnderTest === undefined ? 1 : -1,
    assignments: new Map(),
    configs: new Map(),
    ...topic,
  };
}
