// ConsumeBench's spec: what its topics stand for, where it runs, and everything that is refused.

import { describe, expect, test } from "bun:test";
import * as v from "valibot";
import { checkConsumeBench } from "./check.ts";
import { consumeBench } from "./index.ts";
import { consumeBenchSchema } from "./spec.ts";
import { consumeTargets } from "./targets.ts";

function parse(fields: object) {
  return v.parse(consumeBenchSchema, {
    class: "ConsumeBench",
    bootstrapServers: "localhost:9092",
    activeTopics: ["foo"],
    ...fields,
  });
}

describe("ConsumeBench's topics", () => {
  test.each<[string[], [string, number[]][]]>([
    [["foo"], [["foo", []]]],
    [
      ["foo[1-2]", "bar"],
      [
        ["foo1", []],
        ["foo2", []],
        ["bar", []],
      ],
    ],
    [
      ["foo[1-2]:[0-1]"],
      [
        ["foo1", [0, 1]],
        ["foo2", [0, 1]],
      ],
    ],
    [["foo:1", "foo"], [["foo", [1]]]],
    [["foo:1", "foo:1", "foo:0"], [["foo", [1, 0]]]],
    [["foo[0-1]:[2-2]"], [["foo[0-1]", [2]]]],
  ])("%j are what the reference makes of them", (activeTopics, expected) => {
    const { topics } = consumeTargets({ activeTopics, consumerGroup: "", threadsPerWorker: 1 });
    expect([...topics]).toEqual(expected);
  });

  test.each(["In:valid", "invalid:", ":invalid", "in:valid:1", "invalid:2:2", "invalid::1"])(
    "%s is none",
    (name) => {
      const spec = { activeTopics: [name], consumerGroup: "", threadsPerWorker: 1 };
      expect(() => consumeTargets(spec)).toThrow(`Expanded topic name ${name} is invalid`);
    },
  );

  test("a partition must fit 32 bits", () => {
    const activeTopics = ["foo:99999999999"];
    expect(() => consumeTargets({ activeTopics, consumerGroup: "", threadsPerWorker: 1 })).toThrow(
      'For input string: "99999999999"',
    );
  });
});

describe("ConsumeBench's spec", () => {
  test.each<[unknown, readonly string[]]>([
    ["a", ["a"]],
    [["a"], ["a"]],
    [
      ["a", "b", "a"],
      ["a", "b"],
    ],
    [undefined, [""]],
  ])("with consumerNode %j runs on %j", (consumerNode, nodes) => {
    const spec = parse({ consumerNode });
    expect(consumeBench.targetNodes(spec, { nodes: new Map() })).toEqual(nodes);
  });

  test.each<[object, string, string]>([
    [{ activeTopics: [] }, "activeTopics", "Consumer is not subscribed to any topics or"],
    [{ activeTopics: ["foo:x"] }, "activeTopics", "Expanded topic name foo:x is invalid"],
    [{ activeTopics: ["foo[3-1]"] }, "activeTopics", "Invalid range: start 3 is higher than"],
    [{ activeTopics: ["föö"] }, "activeTopics", "Topic name is invalid: 'föö' contains"],
    [
      { activeTopics: ["foo:1"], consumerGroup: "g", threadsPerWorker: 2 },
      "consumerGroup",
      "You may not specify an explicit partition assignment when using multiple consumers",
    ],
    [{ maxMessages: -1 }, "maxMessages", "expected the number of messages to take, found -1"],
    [{ threadsPerWorker: -1 }, "threadsPerWorker", "expected 1 to 1000 consumers, found -1"],
    [{ threadsPerWorker: 1001 }, "threadsPerWorker", "expected 1 to 1000 consumers"],
    [{ bootstrapServers: "" }, "bootstrapServers", "is empty: expected Kafka's brokers"],
    [
      { consumerConf: { "auto.offset.reset": "never" } },
      "consumerConf.auto.offset.reset",
      "Invalid value `never`",
    ],
  ])("with %j is refused", async (fields, path, message) => {
    const problems = await checkConsumeBench(parse(fields));
    expect(problems.map((problem) => problem.path)).toEqual([path]);
    expect(problems[0]!.message).toStartWith(message);
  });

  test.each([
    [{ histogramMaxMs: 10 }, "expected a bucket's width of at least 1 ms, found 0"],
    [
      { histogramMaxMs: 1, histogramMinMs: 2, histogramStepMs: 1 },
      "expected at least histogramMinMs (2), found 1",
    ],
  ])("with a record processor of %j does not parse", (fields, message) => {
    const recordProcessor = { type: "timestamp", ...fields };
    expect(() => parse({ recordProcessor })).toThrow(message);
  });
});
