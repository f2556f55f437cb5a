// ShareRoundTripWorkload's spec: its clients' settings and everything that is refused. What it does
// is shown against a real share group in test/e2e/share-groups.test.ts.

import { describe, expect, test } from "bun:test";
import * as v from "valibot";
import { resolveConfs } from "../../client-confs/resolve-confs.ts";
import { checkShareRoundTrip, shareRoundTripLayers } from "./check.ts";
import { shareRoundTripSchema } from "./spec.ts";

function parse(fields: object) {
  return v.parse(shareRoundTripSchema, {
    class: "ShareRoundTrip",
    bootstrapServers: "localhost:9092",
    targetMessagesPerSec: 10,
    activeTopics: { foo: { numPartitions: 2 } },
    ...fields,
  });
}

describe("ShareRoundTripWorkload", () => {
  test("keeps its own group, and the producer's settings of RoundTripWorkload", async () => {
    const spec = parse({ consumerConf: { "group.id": "mine" } });
    const layers = shareRoundTripLayers(spec, "t1");
    const { producer, consumer } = await resolveConfs({ ...layers }, "native");
    expect(producer).toMatchObject({ clientId: "producer.t1", bufferMemoryBytes: 65_536 });
    expect(consumer).toMatchObject({
      clientId: "consumer.t1",
      groupId: "round-trip-share-group-t1",
      requestTimeoutMs: 105_000,
    });
  });

  test.each<[object, string, string]>([
    [{ targetMessagesPerSec: 0 }, "targetMessagesPerSec", "Can't have targetMessagesPerSec <= 0."],
    [{ activeTopics: {} }, "activeTopics", "You must specify at least one active topic."],
    [
      { commonClientConf: { "isolation.level": "read_committed" } },
      "commonClientConf.isolation.level",
      "isolation.level cannot be set when using a share group.",
    ],
    [{ clientNode: ["a", "b"] }, "clientNode", "expected one node"],
    [{ clientLibrary: "kafkajs" }, "clientLibrary", "kafkajs has no share groups"],
    [{ bootstrapServers: "" }, "bootstrapServers", "is empty"],
  ])("with %j is refused", async (fields, path, message) => {
    const problems = await checkShareRoundTrip(parse(fields));
    expect(problems.map((problem) => problem.path)).toEqual([path]);
    expect(problems[0]!.message).toStartWith(message);
  });
});
