// ConsumeBench against a real broker: groups, partitions chosen by hand, ends, and what it says of
// what it received.

import { beforeAll, describe, expect, test } from "bun:test";
import kafkajs from "kafkajs";
import { atBest } from "../support/at-best.ts";
import { sharedCluster, uniqueName } from "../support/kafka.ts";
import { type RunOptions, runWorkload, type StatusRecord } from "./run-workload.ts";

let servers = "";
let topic = "";

const MESSAGES = 1000;

beforeAll(async () => {
  servers = (await sharedCluster()).bootstrapServers.PLAINTEXT;
  topic = uniqueName("consumed");
  await produce({ [`${topic}[1-2]`]: { numPartitions: 5, replicationFactor: 1 } });
}, 120_000);

async function produce(activeTopics: object, fields: object = {}): Promise<void> {
  const { error } = await runWorkload({
    class: "ProduceBench",
    bootstrapServers: servers,
    targetMessagesPerSec: 20_000,
    maxMessages: MESSAGES,
    activeTopics,
    ...fields,
  });
  if (error !== undefined) throw error;
}

async function deleteTopic(name: string): Promise<void> {
  const admin = new kafkajs.Kafka({ brokers: [servers], connectionTimeout: 20_000 }).admin();
  await admin.connect();
  await admin.deleteTopics({ topics: [name] });
  await admin.disconnect();
}

function consume(fields: Record<string, unknown>, options?: RunOptions) {
  return runWorkload(
    {
      class: "ConsumeBench",
      bootstrapServers: servers,
      maxMessages: MESSAGES,
      activeTopics: [`${topic}[1-2]`],
      ...fields,
    },
    options,
  );
}

const total = (status: StatusRecord) => status["trogdor.total"] as StatusRecord;
const consumer = (status: StatusRecord, index = 0) =>
  status[`consumer.task0-${index}`] as StatusRecord;

describe("ConsumeBench", () => {
  test("takes what is asked for from topics, in a group of its own, and ends at once", async () => {
    const { status, histograms, error, tookMs } = await consume({});
    expect(error).toBeUndefined();
    expect(consumer(status)).toMatchObject({
      totalMessagesReceived: MESSAGES,
      totalBytesReceived: MESSAGES * 516,
      averageMessageSizeBytes: 516,
      assignedPartitionsCount: 10,
      lagRecords: 0,
      rebalances: 1,
      errors: {},
      isDone: true,
    });
    const partitions = consumer(status)["assignedPartitions"] as string[];
    expect(partitions.toSorted()).toEqual(
      [1, 2].flatMap((n) => [0, 1, 2, 3, 4].map((partition) => `${topic}${n}-${partition}`)),
    );
    expect(total(status)).toMatchObject({ received: MESSAGES, endReason: "completed" });
    expect([...histograms.keys()]).toEqual(["endToEnd"]);
    expect(tookMs).toBeLessThan(40_000);
  }, 120_000);

  test("takes partitions that are chosen by hand", async () => {
    const { status, error } = await consume({
      activeTopics: [`${topic}1:[0-1]`],
      maxMessages: 200,
    });
    expect(error).toBeUndefined();
    expect(consumer(status)).toMatchObject({
      assignedPartitions: [`${topic}1-0`, `${topic}1-1`],
      totalMessagesReceived: 200,
      rebalances: 0,
    });
  }, 120_000);

  test("takes all partitions of a topic that is named beside a chosen partition", async () => {
    const { status } = await consume({
      activeTopics: [`${topic}1:1`, `${topic}2`],
      maxMessages: 600,
    });
    expect(consumer(status)).toMatchObject({
      assignedPartitionsCount: 6,
      totalMessagesReceived: 600,
    });
  }, 120_000);

  test("lets each of several consumers take everything in groups of their own", async () => {
    const { status, error } = await consume({ threadsPerWorker: 3 });
    expect(error).toBeUndefined();
    for (const index of [0, 1, 2]) {
      expect(consumer(status, index)["totalMessagesReceived"]).toBe(MESSAGES);
    }
    expect(total(status)).toMatchObject({ received: 3 * MESSAGES, consumersDone: 3 });
  }, 120_000);

  test("shares the messages among the consumers of one group", async () => {
    const { status, error } = await consume({
      threadsPerWorker: 2,
      consumerGroup: uniqueName("group"),
      maxMessages: MESSAGES / 2,
      consumerConf: { "group.protocol": "consumer" },
    });
    expect(error).toBeUndefined();
    for (const index of [0, 1]) {
      expect(consumer(status, index)["totalMessagesReceived"]).toBe(MESSAGES / 2);
    }
  }, 120_000);

  test("goes on where its group has committed", async () => {
    const consumerGroup = uniqueName("group");
    await consume({ consumerGroup, maxMessages: 600 });
    const { status, error } = await consume({ consumerGroup, maxMessages: 400 });
    expect(error).toBeUndefined();
    expect(consumer(status)).toMatchObject({ totalMessagesReceived: 400, lagRecords: 0 });
  }, 120_000);

  test("keeps below its rate", async () => {
    const { status } = await consume({ targetMessagesPerSec: 250, maxMessages: 500 });
    expect(total(status)["achievedMessagesPerSec"]).toBeLessThan(252);
    expect(consumer(status)["totalMessagesReceived"]).toBe(500);
  }, 120_000);

  test("measures from the time in the values", async () => {
    const stamped = uniqueName("stamped");
    await produce(
      { [stamped]: { numPartitions: 1, replicationFactor: 1 } },
      { valueGenerator: { type: "timestampConstant", size: 16 }, maxMessages: 100 },
    );
    const { status, error } = await consume({
      activeTopics: [stamped],
      maxMessages: 100,
      recordProcessor: { type: "timestamp", histogramMaxMs: 10_000, histogramStepMs: 10 },
    });
    expect(error).toBeUndefined();
    const { p50LatencyMs, ...rest } = consumer(status)["recordProcessorStatus"] as StatusRecord;
    expect(p50LatencyMs as number).toBeWithin(0, 20_000);
    expect((p50LatencyMs as number) % 10).toBe(0);
    expect(rest).toMatchObject({ skipped: 0, negative: 0 });
  }, 120_000);
});

describe("ConsumeBench on kafkajs", () => {
  test("takes what is asked for in a group", async () => {
    const { status, error } = await consume({ clientLibrary: "kafkajs" });
    expect(error).toBeUndefined();
    expect(consumer(status)).toMatchObject({
      totalMessagesReceived: MESSAGES,
      totalBytesReceived: MESSAGES * 516,
      isDone: true,
    });
    expect(total(status)).toMatchObject({ endReason: "completed", clientLibrary: "kafkajs" });
  }, 120_000);
});

describe("ConsumeBench's end", () => {
  test("comes with an error that names a topic which was deleted", async () => {
    const deleted = uniqueName("deleted");
    await produce({ [deleted]: { numPartitions: 1, replicationFactor: 1 } }, { maxMessages: 10 });
    let isDeleted = false;
    const { error, status } = await consume(
      {
        activeTopics: [deleted],
        consumerConf: { "default.api.timeout.ms": "2000", "metadata.max.age.ms": "500" },
      },
      {
        onStatus(status) {
          const all = (status as StatusRecord)["trogdor.total"] as StatusRecord;
          if (all["received"] === 10 && !isDeleted) {
            isDeleted = true;
            void deleteTopic(deleted);
          }
          return undefined;
        },
      },
    );
    expect(error?.message).toContain(`topic "${deleted}" was deleted`);
    expect(total(status)).toMatchObject({ received: 10, endReason: "failed" });
  }, 120_000);

  test("by time is a success with what it received", async () => {
    const { status, error } = await atBest(
      (tryNumber) => consume({ maxMessages: 10 * MESSAGES, durationMs: 4_000 * tryNumber ** 2 }),
      (one) => total(one.status)["received"] === MESSAGES,
    );
    expect(error).toBeUndefined();
    expect(total(status)).toMatchObject({ received: MESSAGES, endReason: "expired" });
  }, 120_000);

  test("by time is an error when it received nothing", async () => {
    const { error, status } = await consume({
      activeTopics: [uniqueName("nowhere")],
      durationMs: 2_000,
    });
    expect(error?.message).toStartWith("durationMs was over before a message was received: ");
    expect(total(status)).toMatchObject({ received: 0, endReason: "failed" });
  }, 120_000);

  test("by a person is no error, whatever it received", async () => {
    const { status, error } = await consume(
      { activeTopics: [uniqueName("nowhere")] },
      { onStatus: () => "stopped" },
    );
    expect(error).toBeUndefined();
    expect(total(status)).toMatchObject({ received: 0, endReason: "stopped" });
  }, 120_000);

  test("comes at once when nothing is asked for", async () => {
    const { status, error, tookMs } = await consume({ maxMessages: 0 });
    expect([error, total(status)["endReason"]]).toEqual([undefined, "completed"]);
    expect(tookMs).toBeLessThan(40_000);
  });

  test("names a broker that is not there", async () => {
    const { error } = await consume({
      bootstrapServers: "localhost:1",
      consumerConf: { "default.api.timeout.ms": "1500", "request.timeout.ms": "1000" },
    });
    expect(error?.message).toContain("localhost:1");
  }, 120_000);
});
