// The native consumer on Kafka 3.9.1: groups by the classic protocol, and a sentence where the
// other one is not turned on.

import { beforeAll, describe, expect, test } from "bun:test";
import { sharedCluster, uniqueName } from "../../../test/support/kafka.ts";
import { nativeClients } from "../native/clients.ts";
import { newTopic } from "./new-topic.suite.ts";
import { testConsumer } from "./test-consumer.suite.ts";
import { adminConf, environment, numbered, testProducer, unstopped } from "./test-load.suite.ts";

describe("the native consumer on Kafka 3.9.1", () => {
  let servers: { readonly "bootstrap.servers": string };
  const topic = uniqueName("older");

  beforeAll(async () => {
    const cluster = await sharedCluster({ version: "3.9.1" });
    servers = { "bootstrap.servers": cluster.bootstrapServers.PLAINTEXT };
    const admin = nativeClients.admin(await adminConf(servers), environment);
    await admin.createTopics([newTopic({ name: topic, numPartitions: 2 })], unstopped);
    await admin.close();
    await using load = await testProducer(nativeClients, servers, numbered(100));
    await load.producer.start([topic], unstopped);
    for (let at = 0; at < 100; at++) await load.send(topic, at % 2, at);
    await load.producer.settled();
  }, 180_000);

  test("reads in a group, commits, and leaves", async () => {
    const group = uniqueName("group");
    await using reader = await testConsumer(nativeClients, { ...servers, "group.id": group });
    await reader.consumer.subscribe([topic], unstopped);
    await reader.until("all records", () => reader.records.length === 100);
    await reader.consumer.close(5000);
    const groups = nativeClients.groupAdmin(await adminConf(servers), environment);
    const committed = await groups.committedOffsets(group, unstopped);
    expect(committed.map(({ offset }) => offset)).toEqual([50, 50]);
    expect(await groups.describeGroup(group, unstopped)).toMatchObject({ state: "Empty" });
    await groups.close();
  });

  test("says that group.protocol=consumer is not turned on", async () => {
    const conf = { ...servers, "group.id": uniqueName("group"), "group.protocol": "consumer" };
    await using reader = await testConsumer(nativeClients, conf);
    await reader.consumer.subscribe([topic], unstopped);
    await reader.until("a fatal error", () => reader.consumer.fatalError !== undefined);
    expect(reader.consumer.fatalError).toMatchObject({ code: "UNSUPPORTED_VERSION" });
    expect(reader.consumer.fatalError!.message).toContain("use group.protocol=classic");
  });
});
