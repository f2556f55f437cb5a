// A topic that is deleted under a producer: its records wait for it to come back, and expire in the
// end; other topics go on.

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import kafkajs from "kafkajs";
import { KafkaError } from "../../src/kafka/client.ts";
import { newTopic } from "../../src/kafka/conformance/new-topic.suite.ts";
import {
  adminConf,
  environment,
  numbered,
  testProducer,
  unstopped,
} from "../../src/kafka/conformance/test-load.suite.ts";
import { nativeClients } from "../../src/kafka/native/clients.ts";
import { sharedCluster, uniqueName } from "../support/kafka.ts";
import { readTopic } from "./read-topic.ts";

let servers = "";
let eraser: kafkajs.Admin;

beforeAll(async () => {
  const cluster = await sharedCluster();
  servers = cluster.bootstrapServers.PLAINTEXT;
  const { Kafka, logLevel } = kafkajs;
  const patient = { logLevel: logLevel.NOTHING, connectionTimeout: 20_000 };
  eraser = new Kafka({ brokers: servers.split(","), ...patient }).admin();
  await eraser.connect();
}, 90_000);

afterAll(() => eraser.disconnect());

async function createTopic(name: string): Promise<void> {
  const conf = await adminConf({ "bootstrap.servers": servers });
  const admin = nativeClients.admin(conf, environment);
  // A deletion may still be going on.
  for (;;) {
    const created = await admin.createTopics([newTopic({ name })], unstopped);
    const error = created.get(name);
    if (error === undefined) break;
    expect(error.code).toBe("TOPIC_ALREADY_EXISTS");
  }
  await admin.close();
}

/** Until the broker does not know it any more. */
async function deleteTopic(name: string): Promise<void> {
  await eraser.deleteTopics({ topics: [name] });
  const conf = await adminConf({ "bootstrap.servers": servers });
  const admin = nativeClients.admin(conf, environment);
  for (;;) {
    const described = await admin.describeTopics([name], unstopped);
    if (described.get(name) instanceof KafkaError) break;
  }
  await admin.close();
}

const conf = (deliveryTimeoutMs: number) => ({
  "bootstrap.servers": servers,
  "delivery.timeout.ms": String(deliveryTimeoutMs),
  "request.timeout.ms": "1000",
});

describe("a topic that is deleted under a producer", () => {
  test("costs its records delivery.timeout.ms, and other topics nothing", async () => {
    const [lost, kept] = [uniqueName("deleted"), uniqueName("kept")];
    for (const name of [lost, kept]) await createTopic(name);
    await using load = await testProducer(nativeClients, conf(2000), numbered(4));
    await load.producer.start([lost, kept], unstopped);
    await load.send(lost, 0, 0);
    await load.producer.settled();
    await deleteTopic(lost);
    await load.send(lost, 0, 1);
    await load.send(kept, 0, 2);
    load.producer.flush();
    await load.producer.settled();
    const codes = { 0: "ok", 1: "TIMED_OUT", 2: "ok" };
    expect(Object.fromEntries(load.codes())).toEqual(codes);
    const expired = load.outcomes.find(({ errorCode }) => errorCode === "TIMED_OUT");
    expect(expired?.errorMessage).toContain("does not host this topic-partition");
  }, 30_000);

  test("takes the records that waited when it is made again", async () => {
    const topic = uniqueName("again");
    await createTopic(topic);
    await using load = await testProducer(nativeClients, conf(60_000), numbered(10));
    await load.producer.start([topic], unstopped);
    for (const position of [0, 1, 2]) await load.send(topic, 0, position);
    await load.producer.settled();
    await deleteTopic(topic);
    for (const position of [3, 4, 5]) await load.send(topic, 0, position);
    load.producer.flush();
    await createTopic(topic);
    for (const position of [6, 7, 8]) await load.send(topic, 0, position);
    await load.producer.settled();
    expect(new Set(load.codes().values())).toEqual(new Set(["ok"]));
    const records = await readTopic(servers, topic, 1);
    expect(records.map(({ value }) => value)).toEqual(["v3", "v4", "v5", "v6", "v7", "v8"]);
  }, 60_000);
});
