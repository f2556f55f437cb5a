// SustainedConnection against a real broker: all kinds of connections, in both client libraries.

import { beforeAll, describe, expect, test } from "bun:test";
import { atBest } from "../support/at-best.ts";
import { sharedCluster, uniqueName } from "../support/kafka.ts";
import { runWorkload, type StatusRecord } from "./run-workload.ts";

let servers = "";
let topic = "";

beforeAll(async () => {
  servers = (await sharedCluster()).bootstrapServers.PLAINTEXT;
  topic = uniqueName("sustained");
  await runWorkload({
    class: "ProduceBench",
    bootstrapServers: servers,
    maxMessages: 1,
    activeTopics: { [topic]: { numPartitions: 3, replicationFactor: 1 } },
  });
}, 120_000);

function run(fields: Record<string, unknown>) {
  return runWorkload({
    class: "SustainedConnection",
    bootstrapServers: servers,
    keyGenerator: { type: "null" },
    valueGenerator: { type: "constant", size: 10 },
    topicName: topic,
    producerConnectionCount: 2,
    consumerConnectionCount: 2,
    metadataConnectionCount: 2,
    numThreads: 2,
    refreshRateMs: 100,
    durationMs: 2_500,
    ...fields,
  });
}

describe("SustainedConnection", () => {
  test.each(["native", "kafkajs"])(
    "keeps clients of all kinds open with %s",
    async (clientLibrary) => {
      const refreshesOf = (one: { readonly status: StatusRecord }) =>
        Object.values(one.status["refreshes"] as Record<string, number>);
      const { status, error } = await atBest(
        (tryNumber) => run({ clientLibrary, durationMs: 2_500 * tryNumber ** 2 }),
        (one) => Math.min(...refreshesOf(one)) > 5,
      );
      expect(error).toBeUndefined();
      expect(status).toMatchObject({
        totalProducerConnections: 2,
        totalConsumerConnections: 2,
        totalMetadataConnections: 2,
        totalProducerFailedConnections: 0,
        totalMetadataFailedConnections: 0,
        endReason: "expired",
      });
      // The first group of a fresh cluster makes it create a topic, which kafkajs may not wait for.
      if (clientLibrary === "native") expect(status["errors"]).toEqual({});
      const { producer, consumer, metadata } = status["refreshes"] as Record<string, number>;
      expect(Math.min(producer!, consumer!, metadata!)).toBeGreaterThan(5);
    },
    120_000,
  );

  test("counts what fails, and names the cause when everything did", async () => {
    const { status, error } = await atBest(
      (tryNumber) => run({ topicName: uniqueName("missing"), durationMs: 2_500 * tryNumber ** 2 }),
      (one) => (one.status["totalProducerFailedConnections"] as number) > 2,
    );
    expect(error).toBeUndefined();
    expect(status).toMatchObject({
      totalMetadataConnections: 2,
      totalMetadataFailedConnections: 0,
    });
    expect(status["totalProducerFailedConnections"] as number).toBeGreaterThan(2);
    const nowhere = await run({
      bootstrapServers: "localhost:1",
      commonClientConf: { "request.timeout.ms": "300", "default.api.timeout.ms": "300" },
    });
    expect(nowhere.error?.message).toContain("localhost:1");
  }, 120_000);
});
