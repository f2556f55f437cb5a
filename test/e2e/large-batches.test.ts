// Batches that are larger than a topic's max.message.bytes, though their records are not.

import { beforeAll, describe, expect, test } from "bun:test";
import { newTopic } from "../../src/kafka/conformance/new-topic.suite.ts";
import {
  adminConf,
  environment,
  testProducer,
  unstopped,
} from "../../src/kafka/conformance/test-load.suite.ts";
import { nativeClients } from "../../src/kafka/native/clients.ts";
import { sharedCluster, uniqueName } from "../support/kafka.ts";
import { readTopic } from "./read-topic.ts";

let servers = "";
beforeAll(async () => {
  servers = (await sharedCluster()).bootstrapServers.PLAINTEXT;
}, 90_000);

async function createTopic(maxMessageBytes: number): Promise<string> {
  const conf = await adminConf({ "bootstrap.servers": servers });
  const admin = nativeClients.admin(conf, environment);
  const configs = new Map([["max.message.bytes", String(maxMessageBytes)]]);
  const name = uniqueName("small");
  expect(await admin.createTopics([newTopic({ name, configs })], unstopped)).toEqual(
    new Map([[name, undefined]]),
  );
  await admin.close();
  return name;
}

describe("batches that are larger than max.message.bytes", () => {
  test.each(["none", "zstd"])("arrive in parts, in order (%s)", async (compression) => {
    const topic = await createTopic(1000);
    // Random texts, which compress badly.
    const records = Array.from({ length: 500 }, (_, index) => ({
      key: String(index),
      value: crypto.randomUUID() + crypto.randomUUID(),
    }));
    const conf = {
      "bootstrap.servers": servers,
      "compression.type": compression,
      "linger.ms": "100",
    };
    await using load = await testProducer(nativeClients, conf, records);
    await load.producer.start([topic], unstopped);
    for (const position of records.keys()) await load.send(topic, 0, position);
    load.producer.flush();
    await load.producer.settled();
    expect(new Set(load.codes().values())).toEqual(new Set(["ok"]));
    expect(load.producer.buffered).toEqual({ records: 0, bytes: 0 });
    const found = await readTopic(servers, topic, 1);
    expect(found.map(({ key, value }) => ({ key, value }))).toEqual(records);
  });

  test("fail only the record that is too large alone", async () => {
    const topic = await createTopic(1000);
    const records = Array.from({ length: 20 }, (_, index) => ({
      key: null,
      value: String(index).padStart(index === 7 ? 2000 : 20, "0"),
    }));
    const conf = { "bootstrap.servers": servers, "linger.ms": "100" };
    await using load = await testProducer(nativeClients, conf, records);
    await load.producer.start([topic], unstopped);
    for (const position of records.keys()) await load.send(topic, 0, position);
    load.producer.flush();
    await load.producer.settled();
    const failed = [...load.codes()].filter(([, code]) => code !== "ok");
    expect(failed).toEqual([[7, "MESSAGE_TOO_LARGE"]]);
    const found = await readTopic(servers, topic, 1);
    const expected = records.filter((_, index) => index !== 7);
    expect(found.map(({ value }) => value)).toEqual(expected.map(({ value }) => value));
  });
});
