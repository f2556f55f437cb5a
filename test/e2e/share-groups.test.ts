// ShareConsumeBench and ShareRoundTripWorkload against real share groups of Kafka 4.1.

import { beforeAll, describe, expect, test } from "bun:test";
import { sharedCluster, uniqueName } from "../support/kafka.ts";
import { type RunOptions, runWorkload, type StatusRecord } from "./run-workload.ts";

let servers = "";

beforeAll(async () => {
  const cluster = await sharedCluster({ features: { "share.version": "1" } });
  servers = cluster.bootstrapServers.PLAINTEXT;
}, 120_000);

const one = { numPartitions: 1, replicationFactor: 1 };
/** The first group of a cluster waits for a topic of its own: long, at a busy broker. */
const durationMs = 100_000;

function produce(topic: string, fields: object, options?: RunOptions) {
  const load = {
    class: "ProduceBench",
    durationMs,
    bootstrapServers: servers,
    targetMessagesPerSec: 100,
    activeTopics: { [topic]: one },
    ...fields,
  };
  return runWorkload(load, options);
}

describe("ShareConsumeBench", () => {
  test("shares what is produced among the members of its group, and ends at once", async () => {
    const topic = uniqueName("shared");
    await produce(topic, { maxMessages: 1 });
    let isDone = false;
    const onStatus = () => (isDone ? "stopped" : undefined);
    const load = produce(topic, { maxMessages: 1_000_000 }, { onStatus });
    const { status, error, tookMs } = await runWorkload({
      class: "ShareConsumeBench",
      durationMs,
      bootstrapServers: servers,
      activeTopics: [topic],
      shareGroup: uniqueName("group"),
      threadsPerWorker: 2,
      maxMessages: 100,
    });
    isDone = true;
    await load;
    expect(error).toBeUndefined();
    expect(status["consumer.task0-1"]).toMatchObject({
      subscription: [topic],
      totalMessagesReceived: 100,
      errors: {},
    });
    expect(status["trogdor.total"]).toMatchObject({ received: 200, endReason: "completed" });
    expect(tookMs).toBeLessThan(40_000);
  }, 120_000);
});

describe("ShareRoundTripWorkload", () => {
  test("gets every message back, also where older ones lie", async () => {
    const topic = uniqueName("trip");
    await produce(topic, { maxMessages: 50, keyGenerator: { type: "sequential", size: 4 } });
    const { status, error } = await runWorkload(
      {
        class: "ShareRoundTrip",
        durationMs,
        bootstrapServers: servers,
        targetMessagesPerSec: 1_000,
        maxMessages: 1_000,
        activeTopics: { [topic]: one },
      },
      { taskId: uniqueName("task") },
    );
    expect(error).toBeUndefined();
    const { duplicates, ...rest } = status as StatusRecord & { duplicates: number };
    expect(rest).toMatchObject({
      totalUniqueSent: 1000,
      totalReceived: 1000,
      acknowledged: 1000,
      foreign: 0,
      endReason: "completed",
    });
    expect(duplicates).toBeLessThan(1000);
  }, 120_000);
});
