// What every implementation of the Kafka client interface has to keep when brokers fail under a
// consumer: each record in order and once for each topicPartition, and an error in time where there
// is nothing to wait for.

import { expect, test } from "bun:test";
import {
  killBroker,
  pauseBroker,
  resumeBroker,
  startBroker,
} from "../../../scripts/kafka-cluster/cluster.ts";
import { describeWith } from "../../../test/support/broker-under-test.ts";
import { ownCluster, sharedCluster, uniqueName } from "../../../test/support/kafka.ts";
import type { KafkaClients } from "../client.ts";
import { nativeClients } from "../native/clients.ts";
import { newTopic } from "./new-topic.suite.ts";
import { plainKafkajs } from "./plain-kafkajs.suite.ts";
import { type TestConsumer, testConsumer } from "./test-consumer.suite.ts";
import { adminConf, environment, numbered, testProducer, unstopped } from "./test-load.suite.ts";

const partitionCount = 6;

export function consumingOutageConformance(
  clients: KafkaClients,
  protocols: readonly ("classic" | "consumer")[],
): void {
  const name = `the ${clients.library} consumer and brokers that fail`;
  describeWith("brokers that may be stopped", name, () => {
    test("goes on after a crash and a freeze of the brokers that it reads from", async () => {
      const properties = {
        "offsets.topic.replication.factor": "3",
        "offsets.topic.num.partitions": "3",
        "group.initial.rebalance.delay.ms": "0",
        // A broker that stands still loses its leaderships after this time.
        "broker.session.timeout.ms": "3000",
        "broker.heartbeat.interval.ms": "500",
      };
      await using cluster = await ownCluster({ brokers: 3, properties });
      const servers = { "bootstrap.servers": cluster.data.bootstrapServers.PLAINTEXT };
      const topic = uniqueName("outage");
      const admin = nativeClients.admin(await adminConf(servers), environment);
      const wanted = { name: topic, numPartitions: partitionCount, replicationFactor: 3 };
      await admin.createTopics([newTopic(wanted)], unstopped);
      await admin.close();
      await using load = await testProducer(nativeClients, servers, numbered(6000, "x"));
      await load.producer.start([topic], unstopped);
      const readers: TestConsumer[] = [];
      for (const protocol of protocols) {
        const isClassic = protocol === "classic";
        const session = { "heartbeat.interval.ms": "500", "session.timeout.ms": "15000" };
        const reader = await testConsumer(clients, {
          ...servers,
          "request.timeout.ms": "2500",
          "group.id": uniqueName("group"),
          "group.protocol": protocol,
          ...(isClassic ? session : {}),
        });
        await reader.consumer.subscribe([topic], unstopped);
        readers.push(reader);
      }
      const readUntil = async (what: string, count: number) => {
        for (const reader of readers) await reader.until(what, () => newRecords(reader) >= count);
      };

      let sent = 0;
      const sendUntil = async (count: number) => {
        for (; sent < count; sent++) await load.send(topic, sent % partitionCount, sent);
        load.producer.flush();
      };
      const { name } = cluster.data;
      await sendUntil(600);
      await readUntil("the first records", 600);
      for (const { id: brokerId } of cluster.data.brokers) {
        const isFrozen = brokerId % 2 === 0;
        const round = sent + 600;
        const sending = sendUntil(round);
        await (isFrozen ? pauseBroker : killBroker)(name, brokerId);
        await sending;
        await (isFrozen ? resumeBroker : startBroker)(name, brokerId);
        await readUntil(`records after broker ${brokerId}`, round);
      }
      for (const reader of readers) {
        expectInOrder(reader, sent);
        await reader.consumer.close(5000);
      }
    }, 180_000);

    test("ends with an error that names a topic which was deleted", async () => {
      const cluster = await sharedCluster();
      const servers = { "bootstrap.servers": cluster.bootstrapServers.PLAINTEXT };
      const topic = uniqueName("deleted");
      const admin = nativeClients.admin(await adminConf(servers), environment);
      await admin.createTopics([newTopic({ name: topic, numPartitions: 2 })], unstopped);
      await admin.close();
      await using load = await testProducer(nativeClients, servers, numbered(10));
      await load.producer.start([topic], unstopped);
      for (let at = 0; at < 10; at++) await load.send(topic, at % 2, at);
      await load.producer.settled();
      const bounds = { "default.api.timeout.ms": "3000", "allow.auto.create.topics": "false" };
      const group = { "group.id": uniqueName("group"), "metadata.max.age.ms": "500" };
      await using reader = await testConsumer(clients, { ...servers, ...bounds, ...group });
      await reader.consumer.subscribe([topic], unstopped);
      await reader.until("all records", () => reader.records.length === 10);
      await load.producer.close(0);
      await deleteTopic(servers["bootstrap.servers"], topic);
      await reader.until("the fatal error", () => reader.consumer.fatalError !== undefined);
      expect(reader.consumer.fatalError!.message).toContain(topic);
    }, 90_000);
  });
}

/** A group may read records again after it has lost its coordinator, but never loses one. */
function newRecords({ records }: TestConsumer): number {
  return new Set(records.map(({ value }) => value)).size;
}

function expectInOrder({ records }: TestConsumer, count: number): void {
  const found = new Set(records.map(({ value }) => Number(value!.slice(1))));
  expect([...found].sort((a, b) => a - b)).toEqual([...Array(count).keys()]);
  for (let partition = 0; partition < partitionCount; partition++) {
    const first = new Set<number>();
    let last = -1;
    for (const record of records) {
      if (record.partition !== partition || first.has(record.offset)) continue;
      expect(record.offset).toBe(last + 1);
      first.add(record.offset);
      last = record.offset;
    }
  }
}

async function deleteTopic(brokers: string, topic: string): Promise<void> {
  const admin = (await plainKafkajs(brokers)).admin();
  await admin.connect();
  await admin.deleteTopics({ topics: [topic] });
  await admin.disconnect();
}
