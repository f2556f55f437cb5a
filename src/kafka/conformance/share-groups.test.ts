// The native share consumer against real share groups (KIP-932) of Kafka 4.1.

import { beforeAll, expect, test } from "bun:test";
import { brokerUnderTest, describeWith } from "../../../test/support/broker-under-test.ts";
import { sharedCluster, uniqueName } from "../../../test/support/kafka.ts";
import type { GroupAdmin, ShareConsumer } from "../client.ts";
import { kafkajsClients } from "../kafkajs/clients.ts";
import { nativeClients } from "../native/clients.ts";
import { newTopic } from "./new-topic.suite.ts";
import { consumerConf, type TakenRecord, takenFrom } from "./test-consumer.suite.ts";
import {
  adminConf,
  environment,
  type JavaConf,
  numbered,
  testProducer,
  unstopped,
} from "./test-load.suite.ts";

describeWith("share groups", "the native share consumer", () => {
  let servers = "";
  let groups: GroupAdmin;

  beforeAll(async () => {
    const cluster = await sharedCluster({ features: { "share.version": "1" } });
    servers = cluster.bootstrapServers.PLAINTEXT;
    const conf = await adminConf({ "bootstrap.servers": servers });
    groups = nativeClients.groupAdmin(conf, environment);
  }, 180_000);

  /** A topic with so many records, and a group that begins at its beginning. */
  async function filled(numPartitions: number, count: number, more: JavaConf = {}) {
    const conf = { "bootstrap.servers": servers };
    const admin = nativeClients.admin(await adminConf(conf), environment);
    const topic = uniqueName("shared");
    await admin.createTopics([newTopic({ name: topic, numPartitions })], unstopped);
    await admin.close();
    await using load = await testProducer(nativeClients, { ...conf, ...more }, numbered(count));
    await load.producer.start([topic], unstopped);
    for (let at = 0; at < count; at++) await load.send(topic, at % numPartitions, at);
    load.producer.flush();
    await load.producer.settled();
    const group = uniqueName("share");
    const fromBeginning = new Map([["share.auto.offset.reset", "earliest"]]);
    await groups.alterGroupConfigs(group, fromBeginning, unstopped);
    return { topic, group };
  }

  interface Sharing extends AsyncDisposable {
    readonly consumer: ShareConsumer;
    readonly records: (TakenRecord & { readonly deliveryCount: number })[];
    until(what: string, isSo: () => boolean): Promise<void>;
  }

  async function sharing(
    topic: string,
    group: string,
    set: (sharing: Sharing) => void = () => {},
  ): Promise<Sharing> {
    const conf = { "bootstrap.servers": servers, "group.id": group, "fetch.max.wait.ms": "100" };
    const consumer = nativeClients.shareConsumer(await consumerConf(conf), environment);
    const records: Sharing["records"] = [];
    consumer.onRecords = (cursor) => {
      while (cursor.next()) {
        records.push({ ...takenFrom(cursor), deliveryCount: cursor.deliveryCount });
      }
    };
    const made: Sharing = {
      consumer,
      records,
      async until(what, isSo) {
        const endMs = Date.now() + 25_000;
        while (!isSo()) {
          if (consumer.fatalError !== undefined) throw consumer.fatalError;
          if (Date.now() > endMs) {
            throw new Error(
              `not in time: ${what} (${records.length}, ${consumer.trouble?.message})`,
            );
          }
          await Bun.sleep(5);
        }
      },
      [Symbol.asyncDispose]: () => consumer.close(5000),
    };
    set(made);
    await consumer.subscribe([topic], unstopped);
    return made;
  }

  const numbersOf = (...all: Sharing[]) =>
    all
      .flatMap(({ records }) => records.map(({ value }) => Number(value!.slice(1))))
      .sort((a, b) => a - b);
  const all = (count: number) => [...Array(count).keys()];

  test.each(["none", "lz4"])("takes every record once (compression.type=%s)", async (type) => {
    const { topic, group } = await filled(3, 3000, { "compression.type": type });
    await using one = await sharing(topic, group);
    await one.until("all records", () => one.records.length >= 3000);
    expect(numbersOf(one)).toEqual(all(3000));
    expect(one.records.every(({ deliveryCount }) => deliveryCount === 1)).toBe(true);
    expect(one.consumer.acknowledged).toBe(3000);
    expect(one.consumer.assigned()).toHaveLength(3);
  });

  test("shares the records of a topicPartition among members", async () => {
    const { topic, group } = await filled(1, 4000, { "batch.size": "2000" });
    // Nobody goes on before both have got some: a member is lent a few batches at a time.
    const lent = new Set<ShareConsumer>();
    const bothHaveSome = Promise.withResolvers<void>();
    const waiting = ({ consumer }: Sharing) => {
      const take = consumer.onRecords;
      consumer.onRecords = async (cursor) => {
        await take(cursor);
        if (lent.add(consumer).size === 2) bothHaveSome.resolve();
        await bothHaveSome.promise;
      };
    };
    await using one = await sharing(topic, group, waiting);
    await using two = await sharing(topic, group, waiting);
    await one.until("all", () => one.records.length + two.records.length >= 4000);
    expect(numbersOf(one, two)).toEqual(all(4000));
    expect(one.records.length).toBeGreaterThan(0);
    expect(two.records.length).toBeGreaterThan(0);
  });

  test("gives back what it does not take, and gets it again", async () => {
    const { topic, group } = await filled(1, 30);
    await using one = await sharing(topic, group, ({ consumer, records }) => {
      consumer.onRecords = (cursor) => {
        for (let left = 4; left > 0 && cursor.next(); left--) {
          records.push({ ...takenFrom(cursor), deliveryCount: cursor.deliveryCount });
        }
      };
    });
    await one.until("records", () => one.records.length >= 12);
    expect(new Set(numbersOf(one)).size).toBe(one.records.length);
    expect(one.consumer.released).toBeGreaterThan(0);
    expect(one.records.some(({ deliveryCount }) => deliveryCount > 1)).toBe(true);
  });

  test("acknowledges at its end what it has taken", async () => {
    const { topic, group } = await filled(2, 200);
    const first = await sharing(topic, group);
    await first.until("all records", () => first.records.length === 200);
    await first.consumer.close(5000);
    await using second = await sharing(topic, group);
    await second.until("its share", () => second.consumer.assigned().length === 2);
    await Bun.sleep(500);
    expect(second.records).toEqual([]);
  });

  test("ends with the error that a sink throws", async () => {
    const { topic, group } = await filled(1, 5);
    await using one = await sharing(topic, group, ({ consumer }) => {
      consumer.onRecords = () => {
        throw new Error("the sink is full");
      };
    });
    const failed = one.until("an error", () => false).catch((error: unknown) => error);
    expect(String(await failed)).toContain("the sink is full");
  });

  /** The broker of a run that is given by its address has them. */
  const testOwn = brokerUnderTest === undefined ? test : () => {};
  testOwn(
    "says so where brokers or the library have no share groups",
    async () => {
      const plain = await sharedCluster();
      const bootstrap = plain.bootstrapServers.PLAINTEXT;
      const conf = { "bootstrap.servers": bootstrap, "group.id": uniqueName("share") };
      const consumer = nativeClients.shareConsumer(await consumerConf(conf), environment);
      const ended = new Promise<string>((resolve) => {
        consumer.onFatal = ({ message }) => resolve(message);
      });
      await consumer.subscribe(["any"], unstopped);
      expect(await ended).toContain("share.version=1");
      await consumer.close(1000);
      const resolved = await consumerConf(conf);
      expect(() => kafkajsClients.shareConsumer(resolved, environment)).toThrow("no share groups");
    },
    90_000,
  );
});
