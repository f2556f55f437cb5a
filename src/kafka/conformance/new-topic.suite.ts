// A topic with one partition and one replica, unless a test wants something else of it.

import type { NewTopic } from "../client.ts";

export function newTopic(topic: Partial<NewTopic> & Pick<NewTopic, "name">): NewTopic {
  return {
    numPartitions: 1,
    replicationFactor: 1,
    assignments: new Map(),
    configs: new Map(),
    ...topic,
  };
}
