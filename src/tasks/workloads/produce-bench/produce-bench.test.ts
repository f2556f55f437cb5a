// What ProduceBench's spec means beyond its shape: problems before the start, client configuration
// and progress.

import { describe, expect, test } from "bun:test";
import { resolveConfs } from "../../client-confs/resolve-confs.ts";
import { checkTaskSpec, parseTaskSpec } from "../../parse-task-spec.ts";
import { adminLayers, producerLayers } from "./client-layers.ts";
import { produceBenchProgress } from "./progress.ts";
import type { ProduceBenchSpec } from "./spec.ts";

const good = {
  class: "ProduceBench",
  durationMs: 60000,
  bootstrapServers: "localhost:9092",
  maxMessages: 10,
  activeTopics: { foo: { numPartitions: 1, replicationFactor: 1 } },
};

function parse(fields: Record<string, unknown>) {
  const { taskType, spec } = parseTaskSpec(JSON.stringify({ ...good, ...fields }));
  return { taskType, spec: spec as ProduceBenchSpec };
}

async function problemsOf(fields: Record<string, unknown>): Promise<[string, string][]> {
  const { taskType, spec } = parse(fields);
  const problems = await checkTaskSpec(taskType, spec);
  return problems.map(({ path, message }) => [path, message]);
}

describe("check", () => {
  test("finds nothing wrong with a good spec", async () => {
    expect(await problemsOf({})).toEqual([]);
  });

  test.each([
    [{ activeTopics: {} }, "activeTopics", "You must specify at least one active topic."],
    [
      { activeTopics: { foo: null } },
      "activeTopics",
      "You must specify at least one active topic.",
    ],
    [{ activeTopics: { "x[3-1]": {} } }, "activeTopics.x[3-1]", "Invalid range: start 3 is higher"],
    [{ activeTopics: { "x[-1]": {} } }, "activeTopics.x[-1]", 'For input string: ""'],
    [{ activeTopics: { "": {} } }, "activeTopics.", "Topic name is invalid: "],
    [{ inactiveTopics: { "a b": {} } }, "inactiveTopics.a b", "Topic name is invalid: 'a b' "],
    [
      { activeTopics: { "x[1-200000]": {} } },
      "activeTopics.x[1-200000]",
      "the range [1-200000] stands for 200000 names, expected at most 100000",
    ],
    [
      { activeTopics: { foo: { numPartitions: 2000000000 } } },
      "activeTopics.foo",
      "stands for 2000000000 partitions, expected at most 1000000",
    ],
    [
      { activeTopics: { foo: { numPartitions: -1 } } },
      "activeTopics.foo.numPartitions",
      "expected 0 (which means 1) or more, found -1",
    ],
    [
      { activeTopics: { foo: { replicationFactor: -1 } } },
      "activeTopics.foo.replicationFactor",
      "expected 0 (which means 3) or more, found -1",
    ],
    [
      { activeTopics: { foo: { partitionAssignments: { "-2": [1] } } } },
      "activeTopics.foo.partitionAssignments.-2",
      "Invalid partition: -2.",
    ],
    [
      { inactiveTopics: { "fo[1-2]": {}, foo: {} } },
      "inactiveTopics",
      'the topic "foo" is also one of activeTopics',
    ],
    [{ targetMessagesPerSec: -1 }, "targetMessagesPerSec", "expected 0 (which means 10 a second)"],
    [{ maxMessages: -1 }, "maxMessages", "expected the number of messages to send, found -1"],
    [{ warmupMs: 60000 }, "warmupMs", "expected less than durationMs (60000), found 60000"],
    [{ durationMs: 0 }, "durationMs", "is 0 or missing"],
    [{ bootstrapServers: "" }, "bootstrapServers", "is empty: expected Kafka's brokers"],
    [{ bootstrapServers: "nonsense" }, "bootstrapServers", ""],
    [
      { producerConf: { acks: "7" } },
      "producerConf.acks",
      "Invalid value 7 for configuration acks",
    ],
    [
      { clientLibrary: "kafkajs", commonClientConf: { "compression.type": "zstd" } },
      "clientLibrary",
      "kafkajs has no codec for compression.type zstd, only none and gzip; use",
    ],
    [
      { clientLibrary: "kafkajs", bootstrapServers: "[::1]:9092" },
      "clientLibrary",
      "kafkajs cannot connect to the IPv6 address ::1 in bootstrap.servers; use",
    ],
    [
      { keyGenerator: { type: "sequential", size: -1 } },
      "keyGenerator.size",
      "expected 0 to 134217728 bytes, found -1",
    ],
    [
      { valueGenerator: { type: "randomComponent", components: [{ percent: 100 }] } },
      "valueGenerator.components[0].component",
      "is missing: expected a payload generator",
    ],
  ])("refuses %p", async (fields, path, message) => {
    const problems = await problemsOf(fields);
    expect(problems.map(([where]) => where)).toEqual([path]);
    expect(problems[0]?.[1]).toStartWith(message);
  });

  test.each([
    { targetMessagesPerSec: 0 },
    { maxMessages: 0 },
    { maxMessages: "9223372036854775807" },
    { activeTopics: { foo: {} } },
    { bootstrapServers: "", commonClientConf: { "bootstrap.servers": "localhost:9092" } },
    { keyGenerator: { type: "null" }, valueGenerator: { type: "null" } },
  ])("accepts %p", async (fields) => {
    expect(await problemsOf(fields)).toEqual([]);
  });

  test("reports the problems of all parts together", async () => {
    const fields = { activeTopics: {}, bootstrapServers: "", maxMessages: -1, durationMs: 0 };
    const paths = (await problemsOf(fields)).map(([path]) => path);
    expect(paths).toEqual(["durationMs", "activeTopics", "maxMessages", "bootstrapServers"]);
  });
});

describe("the clients' configurations", () => {
  const settings = { "reconnect.backoff.ms": "7", "compression.type": "gzip" };

  test("warn of what the client library cannot do", async () => {
    const fields = { commonClientConf: settings, clientLibrary: "kafkajs" };
    const { warnings } = await resolved(parse(fields).spec);
    expect(warnings).toContain(
      "clientLibrary: kafkajs has no reconnect.backoff.ms, so 7 has no effect",
    );
  });

  test("have no such warning for the library that can", async () => {
    const { warnings } = await resolved(parse({ commonClientConf: settings }).spec);
    expect(warnings.filter((warning) => warning.includes("kafkajs"))).toEqual([]);
  });

  test("are refused when the library would send something else", async () => {
    const { spec } = parse({
      clientLibrary: "kafkajs",
      producerConf: { "compression.type": "lz4" },
    });
    await expect(resolved(spec)).rejects.toThrow("kafkajs has no codec for compression.type lz4");
  });
});

function resolved(spec: ProduceBenchSpec) {
  const layers = { admin: adminLayers(spec), producer: producerLayers(spec, "uuid") };
  return resolveConfs(layers, spec.clientLibrary);
}

describe("client layers", () => {
  const { spec } = parse({
    commonClientConf: { "client.id": "common", empty: "" },
    adminClientConf: { "client.id": "admin" },
    producerConf: { "client.id": "producer" },
  });

  test("come in the reference's order", () => {
    expect(adminLayers(spec)).toEqual({
      layers: [
        { "bootstrap.servers": "localhost:9092", "request.timeout.ms": "25000" },
        { "client.id": "common" },
        { "client.id": "admin" },
      ],
      paths: ["", "commonClientConf", "adminClientConf"],
    });
  });

  test("name a transactional.id only for transactions", () => {
    expect(producerLayers(spec, "t-1").layers[0]).toEqual({
      "bootstrap.servers": "localhost:9092",
    });
    const transactional = parse({
      transactionGenerator: { type: "uniform", messagesPerTransaction: 5 },
    });
    expect(producerLayers(transactional.spec, "t-1").layers[0]).toEqual({
      "bootstrap.servers": "localhost:9092",
      "transactional.id": "t-1",
    });
  });
});

describe("progress", () => {
  const { spec } = parse({ maxMessages: 1000 });

  test("shows a text as phase", () => {
    expect(produceBenchProgress("Creating 3 topic(s)", spec)).toEqual({
      phase: "Creating 3 topic(s)",
      total: 1000,
    });
  });

  test("shows the figures of a status", () => {
    const status = {
      totalSent: 500n,
      failed: 2,
      achievedMessagesPerSec: 99.5,
      intendedMessagesPerSec: 100,
      bytesPerSec: 51200,
      latencyUs: { corrected: { p50: 1500, p99: 9000 }, service: { p50: 1, p99: 2 } },
    };
    expect(produceBenchProgress(status, spec)).toEqual({
      done: 500,
      total: 1000,
      ratePerSec: 99.5,
      intendedPerSec: 100,
      bytesPerSec: 51200,
      p50Us: 1500,
      p99Us: 9000,
      errors: 2,
    });
  });

  test("shows only the total before the first status", () => {
    expect(produceBenchProgress(null, spec)).toEqual({ total: 1000 });
  });
});
