// What is wrong with a ProduceBench spec beyond its shape: found before anything is created. Where
// the reference has words for a problem they come first.

import type { Problem } from "../../../core/trogdor-error.ts";
import { payloadProblems } from "../../../measure/payload/payload-spec.ts";
import { resolveTopics, type TopicsSpec, topicProblems } from "../../../spec/topics.ts";
import type { ProduceBenchSpec } from "./spec.ts";

export async function checkProduceBench(spec: ProduceBenchSpec): Promise<readonly Problem[]> {
  return [
    ...checkTopics(spec),
    ...checkNumbers(spec),
    ...payloadProblems("keyGenerator", spec.keyGenerator),
    ...payloadProblems("valueGenerator", spec.valueGenerator),
    ...(await checkClients(spec)),
  ];
}

function checkTopics(spec: ProduceBenchSpec): Problem[] {
  const problems: Problem[] = [];
  if (spec.activeTopics.size === 0) {
    problems.push({
      path: "activeTopics",
      message:
        "You must specify at least one active topic. For example: " +
        '"activeTopics": {"foo[1-3]": {"numPartitions": 10, "replicationFactor": 1}}',
    });
  }
  const fields = [
    ["activeTopics", spec.activeTopics],
    ["inactiveTopics", spec.inactiveTopics],
  ] as const;
  for (const [name, topics] of fields) {
    problems.push(...topicProblems(name, topics), ...countProblems(name, topics));
  }
  return problems.length > 0 ? problems : overlapProblems(spec);
}

function countProblems(name: string, topics: TopicsSpec): Problem[] {
  const problems: Problem[] = [];
  for (const [key, { numPartitions, replicationFactor, partitionAssignments }] of topics) {
    const path = `${name}.${key}`;
    if (numPartitions < 0) {
      problems.push({ path: `${path}.numPartitions`, message: negative(numPartitions, "1") });
    }
    if (replicationFactor < 0) {
      problems.push({
        path: `${path}.replicationFactor`,
        message: negative(replicationFactor, "3"),
      });
    }
    for (const partition of partitionAssignments.keys()) {
      if (partition >= 0) continue;
      const message = `Invalid partition: ${partition}. Partition numbers begin at 0`;
      problems.push({ path: `${path}.partitionAssignments.${partition}`, message });
    }
  }
  return problems;
}

function negative(found: number | bigint, byDefault: string): string {
  return `expected 0 (which means ${byDefault}) or more, found ${found}`;
}

function overlapProblems(spec: ProduceBenchSpec): Problem[] {
  const active = new Set(resolveTopics(spec.activeTopics).map((topic) => topic.name));
  return resolveTopics(spec.inactiveTopics)
    .filter((topic) => active.has(topic.name))
    .map((topic) => ({
      path: "inactiveTopics",
      message: `the topic "${topic.name}" is also one of activeTopics; keep it in one of the two`,
    }));
}

function checkNumbers(spec: ProduceBenchSpec): Problem[] {
  const problems: Problem[] = [];
  if (spec.targetMessagesPerSec < 0) {
    const message = negative(spec.targetMessagesPerSec, "10 a second");
    problems.push({ path: "targetMessagesPerSec", message });
  }
  if (spec.maxMessages < 0n) {
    const message = `expected the number of messages to send, found ${spec.maxMessages}`;
    problems.push({ path: "maxMessages", message });
  }
  if (spec.durationMs > 0 && spec.warmupMs >= BigInt(spec.durationMs)) {
    const message = `expected less than durationMs (${spec.durationMs}), found ${spec.warmupMs}`;
    problems.push({ path: "warmupMs", message });
  }
  return problems;
}

/** Loads what reads configurations only when there are some to read. */
async function checkClients(spec: ProduceBenchSpec): Promise<readonly Problem[]> {
  if (spec.bootstrapServers.trim() === "" && !namesServers(spec)) {
    const message = 'is empty: expected Kafka\'s brokers, for example "localhost:9092"';
    return [{ path: "bootstrapServers", message }];
  }
  const { clientProblems } = await import("./client-confs.ts");
  return withoutRepetitions(await clientProblems(spec));
}

function namesServers(spec: ProduceBenchSpec): boolean {
  const key = "bootstrap.servers";
  if (spec.commonClientConf.has(key)) return true;
  return spec.producerConf.has(key) && spec.adminClientConf.has(key);
}

/** Both clients complain about what they share. */
function withoutRepetitions(problems: readonly Problem[]): Problem[] {
  const byText = new Map(
    problems.map((problem) => [`${problem.path}: ${problem.message}`, problem]),
  );
  return [...byText.values()];
}
