// Topic maps: names or ranges of names, each with its partitions. Resolving a map gives the topics
// that a workload creates, verifies and uses, with the reference's meaning of 0.

import * as v from "valibot";
import { errorText, type Problem, TrogdorError } from "../core/trogdor-error.ts";
import { expandRange } from "./topic-range.ts";
import { field } from "./types/field.ts";
import { int16, int32 } from "./types/integer.ts";
import { listOf } from "./types/list.ts";
import { mapOf, textMap } from "./types/map.ts";
import { specObject } from "./types/object.ts";

/** The most topicPartitions of one map: more than any cluster holds, few enough for memory. */
export const TOPIC_PARTITIONS_MAX = 1_000_000;

export const partitionsSpec = specObject({
  numPartitions: field(int32(), 0, "Partitions of each topic. 0 and below mean 1.", {
    unit: "partitions",
  }),
  replicationFactor: field(int16(), 0, "Replicas of each partition. 0 and below mean 3."),
  partitionAssignments: field(
    v.pipe(
      mapOf(listOf(v.nullish(int32(), 0)), { keyProblem: partitionNumberProblem }),
      v.transform((assignments) => byPartitionNumber(assignments)),
    ),
    {},
    "Broker ids for each partition number. Given: exactly these partitions are created.",
  ),
  configs: field(
    textMap({ refusesNull: true }),
    {},
    "Topic configurations, used only when the topic is created.",
  ),
});

export type PartitionsSpec = v.InferOutput<typeof partitionsSpec>;
export type TopicsSpec = ReadonlyMap<string, PartitionsSpec>;

/** `{"<name or range>": PartitionsSpec, ...}` */
export const topicMap = () => mapOf(partitionsSpec);

export interface ResolvedTopic {
  readonly name: string;
  /** -1 together with assignments, else at least 1. */
  readonly numPartitions: number;
  /** -1 together with assignments, else at least 1. */
  readonly replicationFactor: number;
  readonly assignments: ReadonlyMap<number, readonly number[]>;
  readonly configs: ReadonlyMap<string, string>;
  /** The partition numbers that load goes to. */
  readonly partitions: readonly number[];
}

/** The topics of a map. A later entry wins where two give the same name. Throws on a bad range. */
export function resolveTopics(topics: TopicsSpec): ResolvedTopic[] {
  const resolved = new Map<string, ResolvedTopic>();
  let partitionCount = 0;
  for (const [key, spec] of topics) {
    const names = expandRange(key);
    partitionCount += names.length * partitionCountOf(spec);
    if (partitionCount > TOPIC_PARTITIONS_MAX) {
      throw new TrogdorError(
        "spec",
        `stands for ${partitionCount} partitions, expected at most ${TOPIC_PARTITIONS_MAX}`,
      );
    }
    for (const name of names) resolved.set(name, resolveTopic(name, spec));
  }
  return [...resolved.values()];
}

/** What is wrong with the ranges and names of a map, in the reference's words where it has some. */
export function topicProblems(fieldName: string, topics: TopicsSpec): Problem[] {
  const problems: Problem[] = [];
  for (const [key, spec] of topics) {
    const path = `${fieldName}.${key}`;
    try {
      const [name = ""] = resolveTopics(new Map([[key, spec]])).map((topic) => topic.name);
      const message = topicNameProblem(name);
      if (message !== undefined) problems.push({ path, message });
    } catch (error) {
      problems.push({ path, message: errorText(error) });
    }
  }
  return problems;
}

/** Kafka's own complaint about a name that no topic can have. */
export function topicNameProblem(name: string): string | undefined {
  if (name === "") return "Topic name is invalid: the empty string is not allowed";
  if (name === "." || name === "..") {
    return `Topic name is invalid: '${name}' is not allowed`;
  }
  if (name.length > 249) {
    const limit = "longer than the max allowed length 249";
    return `Topic name is invalid: the length of '${name}' is ${limit}`;
  }
  if (/^[a-zA-Z0-9._-]+$/.test(name)) return undefined;
  const hint = name.includes("[") ? ". A name holds at most one range, written foo[1-3]" : "";
  return (
    `Topic name is invalid: '${name}' contains one or more characters other than ` +
    `ASCII alphanumerics, '.', '_' and '-'${hint}`
  );
}

function resolveTopic(name: string, spec: PartitionsSpec): ResolvedTopic {
  const { partitionAssignments: assignments, configs } = spec;
  if (assignments.size > 0) {
    const partitions = [...assignments.keys()];
    return { name, numPartitions: -1, replicationFactor: -1, assignments, configs, partitions };
  }
  const numPartitions = partitionCountOf(spec);
  return {
    name,
    numPartitions,
    replicationFactor: spec.replicationFactor <= 0 ? 3 : spec.replicationFactor,
    assignments,
    configs,
    partitions: Array.from({ length: numPartitions }, (_, index) => index),
  };
}

function partitionCountOf(spec: PartitionsSpec): number {
  if (spec.partitionAssignments.size > 0) return spec.partitionAssignments.size;
  return Math.max(1, spec.numPartitions);
}

function partitionNumberProblem(key: string): string | undefined {
  const isNumber = /^[+-]?[0-9]+$/.test(key) && Math.abs(Number(key)) <= 2147483647;
  return isNumber ? undefined : `expected a partition number as name, found "${key}"`;
}

/** In ascending order, which is how the reference prints them. */
function byPartitionNumber(
  assignments: ReadonlyMap<string, readonly number[]>,
): ReadonlyMap<number, readonly number[]> {
  const entries = [...assignments].map(([key, brokers]) => [Number(key), brokers] as const);
  return new Map(entries.sort(([a], [b]) => a - b));
}
