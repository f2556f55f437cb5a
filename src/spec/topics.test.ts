// Topic maps: what their zeros mean, what loads go to, and which names are impossible.

import { describe, expect, test } from "bun:test";
import * as v from "valibot";
import {
  resolveTopics,
  TOPIC_PARTITIONS_MAX,
  topicMap,
  topicNameProblem,
  topicProblems,
} from "./topics.ts";

function topics(input: unknown) {
  return v.parse(topicMap(), input);
}

describe("resolveTopics", () => {
  test("gives counts of 0 and below the reference's meaning", () => {
    expect(resolveTopics(topics({ foo: { replicationFactor: -1 } }))).toEqual([
      {
        name: "foo",
        numPartitions: 1,
        replicationFactor: 3,
        assignments: new Map(),
        configs: new Map(),
        partitions: [0],
      },
    ]);
  });

  test("expands ranges and numbers the partitions", () => {
    const input = { "foo[1-2]": { numPartitions: 3, replicationFactor: 1, configs: { a: 5 } } };
    const resolved = resolveTopics(topics(input));
    expect(resolved.map(({ name, partitions }) => [name, partitions])).toEqual([
      ["foo1", [0, 1, 2]],
      ["foo2", [0, 1, 2]],
    ]);
    expect(resolved[0]?.configs).toEqual(new Map([["a", "5"]]));
  });

  test("takes partitions and nothing else from assignments", () => {
    const input = { foo: { numPartitions: 9, partitionAssignments: { 10: [1, null], 2: 3 } } };
    expect(resolveTopics(topics(input))).toEqual([
      {
        name: "foo",
        numPartitions: -1,
        replicationFactor: -1,
        assignments: new Map([
          [2, [3]],
          [10, [1, 0]],
        ]),
        configs: new Map(),
        partitions: [2, 10],
      },
    ]);
  });

  test("lets a later entry win", () => {
    const input = { "foo[1-2]": { numPartitions: 3 }, foo1: { numPartitions: 5 } };
    expect(resolveTopics(topics(input)).map((topic) => topic.numPartitions)).toEqual([5, 3]);
  });

  test("is bounded", () => {
    const input = { "foo[1-1000]": { numPartitions: TOPIC_PARTITIONS_MAX / 1000 + 1 } };
    expect(() => resolveTopics(topics(input))).toThrow("stands for 1001000 partitions");
  });
});

describe("topicProblems", () => {
  test("names the entry and what is wrong with it", () => {
    const input = { "x[1-2]y[2-2]": {}, "a[3-1]": {}, "b[1-]": {}, good: {} };
    expect(topicProblems("activeTopics", topics(input))).toEqual([
      {
        path: "activeTopics.x[1-2]y[2-2]",
        message:
          "Topic name is invalid: 'x[1-2]y2' contains one or more characters other than " +
          "ASCII alphanumerics, '.', '_' and '-'. A name holds at most one range, written foo[1-3]",
      },
      {
        path: "activeTopics.a[3-1]",
        message:
          "Invalid range: start 3 is higher than end 1; expected a range like foo[1-3], with " +
          "numbers up to 2147483647",
      },
      {
        path: "activeTopics.b[1-]",
        message:
          'For input string: ""; expected a range like foo[1-3], with numbers up to 2147483647',
      },
    ]);
  });
});

describe("topicNameProblem", () => {
  test.each(["", ".", "..", "a b", "é", "a".repeat(250)])("refuses %p", (name) => {
    expect(topicNameProblem(name)).toStartWith("Topic name is invalid: ");
  });

  test.each(["a", "A.b_c-9", "...", "a".repeat(249)])("accepts %p", (name) => {
    expect(topicNameProblem(name)).toBeUndefined();
  });
});
