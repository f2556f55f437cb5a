// From text to task type and spec: names of classes, all problems at once, overrides.

import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { type Problem, TrogdorError } from "../core/trogdor-error.ts";
import { canonicalTaskSpec, checkTaskSpec, parseTaskSpec } from "./parse-task-spec.ts";

function problemsOf(text: string, overrides: { path: string; value: string }[] = []) {
  try {
    parseTaskSpec(text, { overrides });
  } catch (error) {
    if (error instanceof TrogdorError) return error.problems;
    throw error;
  }
  return [];
}

function paths(problems: readonly Problem[]): string[] {
  return problems.map((problem) => problem.path);
}

describe("parseTaskSpec", () => {
  test.each([
    ["org.apache.kafka.trogdor.workload.ProduceBenchSpec", "ProduceBench"],
    ["ProduceBenchSpec", "ProduceBench"],
    ["ProduceBench", "ProduceBench"],
    ["org.apache.kafka.trogdor.task.NoOpTaskSpec", "NoOp"],
    ["NoOpTaskSpec", "NoOp"],
    ["NoOpTask", "NoOp"],
    ["NoOpSpec", "NoOp"],
    ["NoOp", "NoOp"],
  ])("takes %s for %s and prints the full name", (name, shortName) => {
    const { taskType, spec } = parseTaskSpec(`{"class":"${name}"}`);
    expect(taskType.shortName).toBe(shortName);
    expect(canonicalTaskSpec(taskType, spec)).toStartWith(`{"class":"${taskType.className}",`);
  });

  test.each([
    ["ProduceBnech", '"ProduceBench"'],
    ["producebench", '"ProduceBench"'],
    ["org.example.ProduceBenchSpec", '"ProduceBenchSpec"'],
    ["NoOpp", '"NoOp"'],
  ])("suggests a name for %s", (name, suggestion) => {
    const [problem] = problemsOf(`{"class":"${name}"}`);
    expect(problem?.path).toBe("class");
    expect(problem?.message).toContain(`unknown task class "${name}"; did you mean `);
    expect(problem?.message).toContain(suggestion);
  });

  test("reports every problem at once, with its path", () => {
    const problems = problemsOf(`{
      "class": "ProduceBench", "maxMesages": 5, "targetMessagesPerSec": "fast", "skipFlush": 1.5,
      "keyGenerator": {"type": "seqential"}, "valueGenerator": {"type": "constant", "sise": 4},
      "activeTopics": {"foo[1-3]": {"numPartitions": 1e12, "configs": {"a": [1]}, "partitions": 3}},
      "producerConf": {"acks": {}}, "toString": 1
    }`);
    expect(paths(problems)).toEqual([
      "targetMessagesPerSec",
      "keyGenerator.type",
      "valueGenerator.sise",
      "producerConf.acks",
      "activeTopics.foo[1-3].numPartitions",
      "activeTopics.foo[1-3].configs.a",
      "activeTopics.foo[1-3].partitions",
      "skipFlush",
      "maxMesages",
      "toString",
    ]);
    const byPath = new Map(problems.map(({ path, message }) => [path, message]));
    expect(byPath.get("targetMessagesPerSec")).toBe(
      'expected a whole number from -2147483648 to 2147483647, found "fast"',
    );
    expect(byPath.get("maxMesages")).toBe('unknown field; did you mean "maxMessages"?');
    expect(byPath.get("keyGenerator.type")).toEndWith('; did you mean "sequential"?');
  });

  test("says in its message what the first problem is and how many there are", () => {
    expect(() => parseTaskSpec('{"class":"NoOp","a":1,"b":2,"c":3}')).toThrow(
      /^a: unknown field.*\(and 2 more problems\)$/,
    );
  });

  test("refuses a class or type that is given twice, and no other repetition", () => {
    const twice = '{"class":"NoOp","class":"NoOp","startMs":1,"startMs":2}';
    expect(problemsOf(twice)).toEqual([
      { path: "class", message: "is given twice; keep one of the two" },
    ]);
  });

  test("refuses a class with its members in a list", () => {
    expect(() => parseTaskSpec('["NoOp",{"durationMs":5}]')).toThrow("expected an object");
  });

  test("applies overrides before anything is checked", () => {
    const overrides = [
      { path: "class", value: "ProduceBench" },
      { path: "maxMessages", value: "7" },
      { path: "activeTopics.foo.numPartitions", value: "2" },
    ];
    const { taskType, spec } = parseTaskSpec('{"class":"bogus"}', { overrides });
    expect(taskType.shortName).toBe("ProduceBench");
    expect(canonicalTaskSpec(taskType, spec)).toContain('"maxMessages":7,');
    expect(paths(problemsOf('{"class":"NoOp"}', [{ path: "startMs", value: "x" }]))).toEqual([
      "startMs",
    ]);
  });

  test("never fails in any other way, whatever the JSON", () => {
    const json = fc.jsonValue().map((value) => JSON.stringify(value));
    const spec = fc
      .record(
        {
          class: fc.constant("ProduceBench"),
          maxMessages: fc.jsonValue(),
          keyGenerator: fc.oneof(fc.jsonValue(), fc.record({ type: fc.jsonValue() })),
          transactionGenerator: fc.jsonValue(),
          activeTopics: fc.oneof(fc.jsonValue(), fc.dictionary(fc.string(), fc.jsonValue())),
          producerConf: fc.jsonValue(),
        },
        { requiredKeys: ["class"] },
      )
      .map((value) => JSON.stringify(value));
    fc.assert(
      fc.property(fc.oneof(json, spec, fc.string()), (text) => {
        for (const { path, message } of problemsOf(text)) {
          expect(typeof path).toBe("string");
          expect(message).not.toBe("");
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe("canonicalTaskSpec", () => {
  test("keeps topics and their configs in the order of the spec", () => {
    const configs = { "retention.ms": "5", "cleanup.policy": "delete" };
    const activeTopics = { zebra: { configs }, ant: {}, moth: {} };
    const { taskType, spec } = parseTaskSpec(
      JSON.stringify({ class: "ProduceBench", activeTopics }),
    );
    const canonical = JSON.parse(canonicalTaskSpec(taskType, spec));
    expect(Object.keys(canonical.activeTopics)).toEqual(["zebra", "ant", "moth"]);
    expect(Object.keys(canonical.activeTopics.zebra.configs)).toEqual(Object.keys(configs));
  });

  test("leaves our own fields out while they have their defaults", () => {
    const text = (clientLibrary: string, warmupMs: number) => {
      const json = { class: "ProduceBench", clientLibrary, warmupMs };
      const { taskType, spec } = parseTaskSpec(JSON.stringify(json));
      return canonicalTaskSpec(taskType, spec);
    };
    expect(text("native", 0)).not.toContain("clientLibrary");
    expect(text("native", 0)).not.toContain("warmupMs");
    expect(text("kafkajs", 5)).toEndWith('"clientLibrary":"kafkajs","warmupMs":5}');
  });
});

describe("canonicalTaskSpec of any generators", () => {
  const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
  const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String);
  const size = fc.integer({ min: 0, max: 64 });
  const base64 = fc
    .uint8Array({ maxLength: 9 })
    .map((value) => Buffer.from(value).toString("base64"));
  const generator = fc.oneof(
    fc.record({ type: fc.constant("null") }),
    fc.record({ type: fc.constant("constant"), size, value: base64 }),
    fc.record({ type: fc.constant("sequential"), size: int32, offset: int64, startOffset: int64 }),
    fc.record({ type: fc.constant("uniformRandom"), size, seed: int64 }),
    fc.record({
      type: fc.constantFrom("gaussianTimestampConstant", "gaussianTimestampRandom"),
      messageSizeAverage: int32,
      messageSizeDeviation: fc.double({ noNaN: true, noDefaultInfinity: true }),
      messagesUntilSizeChange: int32,
      seed: int64,
    }),
  );

  test("is read back to the same form", () => {
    fc.assert(
      fc.property(generator, generator, int64, (keyGenerator, first, maxMessages) => {
        const components = [{ percent: 100, component: first }];
        const valueGenerator = { type: "randomComponent", components };
        const json = { class: "ProduceBench", keyGenerator, valueGenerator, maxMessages };
        const { taskType, spec } = parseTaskSpec(JSON.stringify(json));
        const canonical = canonicalTaskSpec(taskType, spec);
        const again = parseTaskSpec(canonical);
        expect(again.spec).toEqual(spec);
        expect(canonicalTaskSpec(taskType, again.spec)).toBe(canonical);
      }),
      { numRuns: 200 },
    );
  });
});

describe("checkTaskSpec", () => {
  test.each(["", ',"durationMs":0', ',"durationMs":-5'])("wants a duration (%p)", async (body) => {
    const { taskType, spec } = parseTaskSpec(`{"class":"NoOp"${body}}`);
    const problems = await checkTaskSpec(taskType, spec);
    expect(paths(problems)).toEqual(["durationMs"]);
    expect(problems[0]?.message).toContain("worker expired");
  });
});
