// ProduceBench against a real broker: what a reader of the topics finds, and what a spec gets that
// asks for the impossible.

import { beforeAll, describe, expect, test } from "bun:test";
import kafkajs from "kafkajs";
import { atBest } from "../support/at-best.ts";
import { sharedCluster, uniqueName } from "../support/kafka.ts";
import { countsByPartition, readTopic } from "./read-topic.ts";
import { runProduceBench } from "./run-produce-bench.ts";

let servers = "";

beforeAll(async () => {
  servers = (await sharedCluster()).bootstrapServers.PLAINTEXT;
}, 120_000);

function run(fields: Record<string, unknown>) {
  return runProduceBench({
    bootstrapServers: servers,
    targetMessagesPerSec: 5_000,
    maxMessages: 500,
    ...fields,
  });
}

const small = { numPartitions: 1, replicationFactor: 1 };

describe("ProduceBench on topics", () => {
  test("spreads messages evenly over every partition of a range", async () => {
    const topic = uniqueName("range");
    const { status, statuses, error } = await run({
      activeTopics: { [`${topic}[1-2]`]: { numPartitions: 5, replicationFactor: 1 } },
      inactiveTopics: { [`${topic}-idle`]: small },
    });
    expect(error).toBeUndefined();
    expect(statuses.slice(0, 2)).toEqual(["Creating 3 topic(s)", "Created 3 topic(s)"]);
    expect(status).toMatchObject({ totalSent: 500, acknowledged: 500, failed: 0, bytes: 258_000 });
    for (const name of [`${topic}1`, `${topic}2`]) {
      const records = await readTopic(servers, name, 5);
      expect(countsByPartition(records)).toEqual({ 0: 50, 1: 50, 2: 50, 3: 50, 4: 50 });
      expect(records.every((record) => record.value === "\0".repeat(512))).toBe(true);
    }
    expect(await readTopic(servers, `${topic}-idle`, 1)).toEqual([]);
  }, 120_000);

  test("creates topics with their configs", async () => {
    const topic = uniqueName("configs");
    const configs = { "retention.ms": "1234567" };
    await run({ maxMessages: 1, activeTopics: { [topic]: { ...small, configs } } });
    const admin = new kafkajs.Kafka({ brokers: [servers], connectionTimeout: 20_000 }).admin();
    await admin.connect();
    const resource = { type: kafkajs.ConfigResourceTypes.TOPIC, name: topic };
    const described = await admin.describeConfigs({
      resources: [{ ...resource, configNames: ["retention.ms"] }],
      includeSynonyms: false,
    });
    await admin.disconnect();
    expect(described.resources[0]?.configEntries[0]?.configValue).toBe("1234567");
  });

  test("uses a topic that exists with the wanted number of partitions", async () => {
    const topic = uniqueName("again");
    const activeTopics = { [topic]: { numPartitions: 2, replicationFactor: 1 } };
    await run({ maxMessages: 10, activeTopics });
    const { error } = await run({ maxMessages: 10, activeTopics });
    expect(error).toBeUndefined();
    expect(countsByPartition(await readTopic(servers, topic, 2))).toEqual({ 0: 10, 1: 10 });
  });

  test("refuses a topic with another number of partitions", async () => {
    const topic = uniqueName("mismatch");
    await run({ maxMessages: 1, activeTopics: { [topic]: { ...small, numPartitions: 2 } } });
    const { error } = await run({ activeTopics: { [topic]: { ...small, numPartitions: 3 } } });
    expect(error?.message).toBe(
      `Topic '${topic}' exists, but has 2 partitions, while requested  number of partitions is 3`,
    );
  });

  test("creates what is assigned, and does not compare it with what exists", async () => {
    const topic = uniqueName("assigned");
    const both = { partitionAssignments: { "0": [1], "1": [1] } };
    const { error } = await run({ maxMessages: 10, activeTopics: { [topic]: both } });
    expect(error).toBeUndefined();
    const second = { partitionAssignments: { "1": [1] } };
    const again = await run({ maxMessages: 10, activeTopics: { [topic]: second } });
    expect(again.error).toBeUndefined();
    expect(countsByPartition(await readTopic(servers, topic, 2))).toEqual({ 0: 5, 1: 15 });
  });

  test("fails in the broker's words when there are too few brokers", async () => {
    const { error, tookMs } = await run({ activeTopics: { [uniqueName("three")]: {} } });
    expect(error?.message).toStartWith(
      "Unable to replicate the partition 3 time(s): The target replication factor of 3 cannot be " +
        "reached because only 1 broker(s) are registered.",
    );
    expect(tookMs).toBeLessThan(40_000);
  });
});

describe("ProduceBench's messages", () => {
  test("may have no key and no value", async () => {
    const topic = uniqueName("nulls");
    const nothing = { type: "null" };
    const { status } = await run({
      maxMessages: 3,
      activeTopics: { [topic]: small },
      keyGenerator: nothing,
      valueGenerator: nothing,
    });
    expect(status).toMatchObject({ acknowledged: 3, bytes: 0 });
    const empty = { partition: 0, key: null, value: null };
    expect(await readTopic(servers, topic, 1)).toEqual([empty, empty, empty]);
  });

  test("arrive without a flush, and with the client's partitioner", async () => {
    const topic = uniqueName("partitioner");
    const { status, error } = await run({
      activeTopics: { [topic]: { numPartitions: 4, replicationFactor: 1 } },
      useConfiguredPartitioner: true,
      skipFlush: true,
    });
    expect(error).toBeUndefined();
    expect(status).toMatchObject({ acknowledged: 500 });
    const counts = Object.values(countsByPartition(await readTopic(servers, topic, 4)));
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(500);
    // Sequential keys spread, but not evenly as in turn: the keys decide.
    expect(Math.min(...counts)).toBeGreaterThan(50);
    expect(new Set(counts).size).toBeGreaterThan(1);
  });

  test("keep to the schedule", async () => {
    const { status } = await atBest(
      async () => {
        const activeTopics = { [uniqueName("paced")]: small };
        const one = await run({ targetMessagesPerSec: 250, activeTopics });
        expect(one.status.elapsedMs).toBeGreaterThanOrEqual(1_995);
        expect(one.status.achievedMessagesPerSec).toBeLessThan(251);
        return one;
      },
      (one) => one.status.rateReached,
    );
    expect(status).toMatchObject({ intendedMessagesPerSec: 250, rateReached: true });
  });

  test("go out through kafkajs when the spec says so", async () => {
    const topic = uniqueName("kafkajs");
    const { status, error } = await run({
      clientLibrary: "kafkajs",
      activeTopics: { [topic]: { numPartitions: 2, replicationFactor: 1 } },
    });
    expect(error).toBeUndefined();
    expect(status).toMatchObject({ acknowledged: 500, clientLibrary: "kafkajs" });
    expect(countsByPartition(await readTopic(servers, topic, 2))).toEqual({ 0: 250, 1: 250 });
  });
});

describe.each(["native", "kafkajs"])("ProduceBench's transactions on %s", (clientLibrary) => {
  test("show committed messages and take back the last, open ones", async () => {
    const topic = uniqueName("transactions");
    const { status, error } = await run({
      clientLibrary,
      maxMessages: 120,
      transactionGenerator: { type: "uniform", messagesPerTransaction: 50 },
      activeTopics: { [topic]: small },
    });
    expect(error).toBeUndefined();
    expect(status).toMatchObject({
      totalSent: 120,
      transactionsCommitted: 2,
      warnings: expect.arrayContaining(["20 messages of the last transaction were aborted"]),
    });
    expect((await readTopic(servers, topic, 1)).length).toBe(100);
  }, 120_000);

  test("commit the last one when it is full", async () => {
    const topic = uniqueName("transactions");
    const { status } = await run({
      clientLibrary,
      transactionGenerator: { type: "uniform", messagesPerTransaction: 50 },
      activeTopics: { [topic]: small },
    });
    expect(status).toMatchObject({ totalSent: 500, transactionsCommitted: 10 });
    expect((await readTopic(servers, topic, 1)).length).toBe(500);
  }, 120_000);
});

describe("ProduceBench without a broker", () => {
  test("fails within the admin client's request.timeout.ms, naming the address", async () => {
    const { error, status, tookMs } = await run({
      bootstrapServers: "localhost:1",
      activeTopics: { [uniqueName("nowhere")]: small },
      adminClientConf: { "request.timeout.ms": "2000" },
    });
    expect(error?.message).toContain("localhost:1");
    expect(status as unknown).toBe("Creating 1 topic(s)");
    expect(tookMs).toBeLessThan(40_000);
  });

  test("says so when its time is over first", async () => {
    const { error, tookMs } = await run({
      bootstrapServers: "localhost:1",
      durationMs: 1_000,
      activeTopics: { [uniqueName("nowhere")]: small },
    });
    expect(error?.message).toStartWith(
      "durationMs was over before a message was sent, while creating the topics",
    );
    expect(tookMs).toBeLessThan(40_000);
  });
});
