// RoundTripWorkload's spec: its configurations' layers and everything that is refused.

import { describe, expect, test } from "bun:test";
import * as v from "valibot";
import { resolveConfs } from "../../client-confs/resolve-confs.ts";
import { checkRoundTrip } from "./check.ts";
import { roundTripLayers } from "./confs.ts";
import { roundTripSchema } from "./spec.ts";

function parse(fields: object) {
  return v.parse(roundTripSchema, {
    class: "RoundTripWorkload",
    bootstrapServers: "localhost:9092",
    targetMessagesPerSec: 10,
    activeTopics: { foo: { numPartitions: 2 } },
    ...fields,
  });
}

describe("RoundTripWorkload's clients", () => {
  test("have the reference's settings, and keep their group", async () => {
    const spec = parse({
      commonClientConf: { "max.block.ms": "7" },
      consumerConf: { "group.id": "mine", "client.id": "mine" },
    });
    const { producer, consumer, admin } = await resolveConfs(
      { ...roundTripLayers(spec, "t1") },
      "native",
    );
    expect(producer).toMatchObject({
      clientId: "producer.t1",
      batchSizeBytes: 16_384,
      bufferMemoryBytes: 65_536,
      maxBlockMs: 7,
      acks: -1,
      requestTimeoutMs: 105_000,
    });
    expect(consumer).toMatchObject({
      clientId: "mine",
      groupId: "round-trip-consumer-group-t1",
      offsetReset: "earliest",
      requestTimeoutMs: 105_000,
      maxPollIntervalMs: 100_000,
    });
    expect(admin.requestTimeoutMs).toBe(25_000);
  });
});

describe("RoundTripWorkload's spec", () => {
  test.each<[object, string, string]>([
    [{ targetMessagesPerSec: 0 }, "targetMessagesPerSec", "Can't have targetMessagesPerSec <= 0."],
    [{ activeTopics: {} }, "activeTopics", "You must specify at least one active topic."],
    [{ activeTopics: { "a[2-1]": {} } }, "activeTopics.a[2-1]", "Invalid range: start 2 is higher"],
    [{ maxMessages: -1 }, "maxMessages", "expected 0 to 2147483648 messages, found -1"],
    [{ maxMessages: 3e9 }, "maxMessages", "expected 0 to 2147483648 messages, found 3000000000"],
    [
      { clientNode: ["a", "b", "c"] },
      "clientNode",
      "expected at most 2 nodes, one for each partition, found 3",
    ],
    [
      { valueGenerator: { type: "sequential", size: -1 } },
      "valueGenerator.size",
      "expected 0 to 134217728 bytes",
    ],
    [{ bootstrapServers: "" }, "bootstrapServers", "is empty: expected Kafka's brokers"],
    [
      { producerConf: { acks: "7" } },
      "producerConf.acks",
      "Invalid value 7 for configuration acks",
    ],
  ])("with %j is refused", async (fields, path, message) => {
    const problems = await checkRoundTrip(parse(fields));
    expect(problems.map((problem) => problem.path)).toEqual([path]);
    expect(problems[0]!.message).toStartWith(message);
  });
});
