// ConfigurableProducer against a real broker: what arrives of its windows, and where.

import { beforeAll, describe, expect, test } from "bun:test";
import { atBest } from "../support/at-best.ts";
import { sharedCluster, uniqueName } from "../support/kafka.ts";
import { countsByPartition, readTopic } from "./read-topic.ts";
import { runWorkload } from "./run-workload.ts";

let servers = "";

beforeAll(async () => {
  servers = (await sharedCluster()).bootstrapServers.PLAINTEXT;
}, 120_000);

function run(topic: string, fields: Record<string, unknown> = {}) {
  return runWorkload({
    class: "ConfigurableProducer",
    bootstrapServers: servers,
    durationMs: 3_000,
    throughputGenerator: { type: "constant", messagesPerWindow: 20, windowSizeMs: 100 },
    keyGenerator: { type: "sequential", size: 8 },
    valueGenerator: { type: "constant", size: 100 },
    activeTopic: { [topic]: { numPartitions: 3, replicationFactor: 1 } },
    ...fields,
  });
}

describe("ConfigurableProducer", () => {
  test.each(["native", "kafkajs"])(
    "sends its windows to one partition with %s, until its time is over",
    async (clientLibrary) => {
      const { topic, status, error } = await atBest(
        async () => {
          const name = uniqueName("windows");
          const flushGenerator = { type: "constant", messagesPerFlush: 10 };
          const one = await run(name, { clientLibrary, activePartition: 2, flushGenerator });
          return { topic: name, ...one };
        },
        (one) => one.status["rateReached"] === true,
      );
      expect(error).toBeUndefined();
      const acknowledged = status["acknowledged"] as number;
      expect(acknowledged).toBeWithin(1, 601);
      expect(status).toMatchObject({ failed: 0, rateReached: true, endReason: "expired" });
      expect(status["flushes"]).toBe(Math.floor(acknowledged / 10));
      expect(countsByPartition(await readTopic(servers, topic, 3))).toEqual({ 2: acknowledged });
    },
    120_000,
  );

  test("takes rates, flushes and sizes from normal distributions", async () => {
    const topic = uniqueName("gaussian");
    const { status, error } = await run(topic, {
      activePartition: -1,
      flushGenerator: {
        type: "gaussian",
        messagesPerFlushAverage: 16,
        messagesPerFlushDeviation: 4,
      },
      throughputGenerator: {
        type: "gaussian",
        messagesPerWindowAverage: 50,
        messagesPerWindowDeviation: 5,
        windowsUntilRateChange: 1,
        windowSizeMs: 100,
      },
      valueGenerator: {
        type: "gaussianTimestampRandom",
        messageSizeAverage: 100,
        messageSizeDeviation: 20,
        messagesUntilSizeChange: 1,
      },
    });
    expect(error).toBeUndefined();
    expect(status["acknowledged"] as number).toBeWithin(50, 1700);
    const sizes = new Set(
      (await readTopic(servers, topic, 3)).map((record) => record.value?.length),
    );
    expect(sizes.size).toBeGreaterThan(10);
  }, 120_000);
});
