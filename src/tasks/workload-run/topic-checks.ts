// What is wrong with the topic maps of a workload, before anything is created.

import type { Problem } from "../../core/trogdor-error.ts";
import { resolveTopics, type TopicsSpec, topicProblems } from "../../spec/topics.ts";

/** Maps by the name of their field; `active` is the one that must not be empty. */
export function checkTopicMaps(
  maps: Readonly<Record<string, TopicsSpec>>,
  active: string,
): Problem[] {
  const problems: Problem[] = [];
  if (maps[active]?.size === 0) {
    const example = `"${active}": {"foo[1-3]": {"numPartitions": 10, "replicationFactor": 1}}`;
    const message = `You must specify at least one active topic. For example: ${example}`;
    problems.push({ path: active, message });
  }
  for (const [name, topics] of Object.entries(maps)) problems.push(...checkTopicMap(name, topics));
  return problems;
}

/** Ranges, names and numbers of one map. */
export function checkTopicMap(name: string, topics: TopicsSpec): Problem[] {
  return [...topicProblems(name, topics), ...countProblems(name, topics)];
}

function countProblems(name: string, topics: TopicsSpec): Problem[] {
  const problems: Problem[] = [];
  for (const [key, { numPartitions, replicationFactor, partitionAssignments }] of topics) {
    const path = `${name}.${key}`;
    if (numPartitions < 0) {
      problems.push({ path: `${path}.numPartitions`, message: negative(numPartitions, "1") });
    }
    if (replicationFactor < 0) {
      const message = negative(replicationFactor, "3");
      problems.push({ path: `${path}.replicationFactor`, message });
    }
    for (const partition of partitionAssignments.keys()) {
      if (partition >= 0) continue;
      const message = `Invalid partition: ${partition}. Partition numbers begin at 0`;
      problems.push({ path: `${path}.partitionAssignments.${partition}`, message });
    }
  }
  return problems;
}

export function negative(found: number | bigint, byDefault: string): string {
  return `expected 0 (which means ${byDefault}) or more, found ${found}`;
}

/** Topics of the second map that are in the first one as well. */
export function overlapProblems(
  [firstField, first]: readonly [string, TopicsSpec],
  [secondField, second]: readonly [string, TopicsSpec],
): Problem[] {
  const names = new Set(resolveTopics(first).map((topic) => topic.name));
  return resolveTopics(second)
    .filter((topic) => names.has(topic.name))
    .map((topic) => ({
      path: secondField,
      message: `the topic "${topic.name}" is also one of ${firstField}; keep it in one of the two`,
    }));
}
