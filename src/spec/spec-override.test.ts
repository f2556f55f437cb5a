// `--set path=value` reaches every place of a spec, with dots in names and without.

import { describe, expect, test } from "bun:test";
import { TrogdorError } from "../core/trogdor-error.ts";
import { produceBenchSchema } from "../tasks/workloads/produce-bench/spec.ts";
import { type JsonObject, parseJson } from "./json.ts";
import { printCompact } from "./print.ts";
import { applyOverrides, parseOverride } from "./spec-override.ts";

function changed(json: string, ...overrides: string[]): string {
  const spec = parseJson(json) as JsonObject;
  return printCompact(applyOverrides(spec, produceBenchSchema, overrides.map(parseOverride)));
}

describe("applyOverrides", () => {
  test.each([
    ["{}", "maxMessages=1000", '{"maxMessages":1000}'],
    ['{"maxMessages":1}', "maxMessages=9007199254740993", '{"maxMessages":9007199254740993}'],
    ["{}", "bootstrapServers=host:9092", '{"bootstrapServers":"host:9092"}'],
    ["{}", "bootstrapServers=", '{"bootstrapServers":""}'],
    ["{}", "producerNode=a=b", '{"producerNode":"a=b"}'],
    ["{}", 'producerNode="5"', '{"producerNode":"5"}'],
    ["{}", "skipFlush=true", '{"skipFlush":true}'],
    ["{}", "producerConf.batch.size=100", '{"producerConf":{"batch.size":100}}'],
    ['{"producerConf":{"a":1}}', "producerConf.acks=all", '{"producerConf":{"a":1,"acks":"all"}}'],
    ['{"producerConf":{"a.b":1}}', "producerConf.a.b=2", '{"producerConf":{"a.b":2}}'],
    ["{}", 'producerConf={"acks":"1"}', '{"producerConf":{"acks":"1"}}'],
    ["{}", "keyGenerator.size=8", '{"keyGenerator":{"type":"sequential","size":8}}'],
    [
      '{"keyGenerator":{"type":"uniformRandom"}}',
      "keyGenerator.seed=7",
      '{"keyGenerator":{"type":"uniformRandom","seed":7}}',
    ],
    [
      "{}",
      "activeTopics.foo[1-3].numPartitions=2",
      '{"activeTopics":{"foo[1-3]":{"numPartitions":2}}}',
    ],
    [
      '{"activeTopics":{"my.topic":{"numPartitions":1}}}',
      "activeTopics.my.topic.configs.retention.ms=9",
      '{"activeTopics":{"my.topic":{"numPartitions":1,"configs":{"retention.ms":9}}}}',
    ],
    [
      "{}",
      "activeTopics.a.b.replicationFactor=1",
      '{"activeTopics":{"a.b":{"replicationFactor":1}}}',
    ],
    [
      '{"activeTopics":{"foo":{"partitionAssignments":{"0":[1,2]}}}}',
      "activeTopics.foo.partitionAssignments.0[1]=5",
      '{"activeTopics":{"foo":{"partitionAssignments":{"0":[1,5]}}}}',
    ],
    [
      '{"valueGenerator":{"type":"randomComponent","components":[{"percent":1}]}}',
      "valueGenerator.components[0].percent=100",
      '{"valueGenerator":{"type":"randomComponent","components":[{"percent":100}]}}',
    ],
    ["{}", "__proto__.x=1", '{"__proto__":{"x":1}}'],
    ["{}", "bogus.a=1", '{"bogus":{"a":1}}'],
  ])("%s with %s", (json, override, result) => {
    expect(changed(json, override)).toBe(result);
  });

  test("applies several in order", () => {
    expect(changed("{}", "maxMessages=1", "maxMessages=2")).toBe('{"maxMessages":2}');
  });

  test("leaves the given JSON as it is", () => {
    const json = parseJson('{"producerConf":{"a":1}}') as JsonObject;
    applyOverrides(json, produceBenchSchema, [{ path: "producerConf.a", value: "2" }]);
    expect(printCompact(json)).toBe('{"producerConf":{"a":1}}');
  });

  test("reports every path that leads nowhere", () => {
    let problems: unknown;
    try {
      changed('{"maxMessages":5,"clientNode":["a"]}', "maxMessages.x=1", "clientNode[7]=b");
    } catch (error) {
      problems = error instanceof TrogdorError ? error.problems : error;
    }
    expect(problems).toEqual([
      { path: "maxMessages.x", message: '--set cannot reach "x": its parent is 5' },
      { path: "clientNode[7]", message: "--set found 1 elements, so there is no [7]" },
    ]);
  });
});

describe("parseOverride", () => {
  test.each(["maxMessages", "=5", ""])("refuses %p", (text) => {
    expect(() => parseOverride(text)).toThrow("expected path=value");
  });
});
