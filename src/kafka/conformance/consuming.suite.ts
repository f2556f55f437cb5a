// What every implementation of the Kafka client interface has to do when it consumes, shown against
// a real broker. Groups have a suite of their own (groups.suite.ts).

import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { Partitioners } from "kafkajs";
import { testWith } from "../../../test/support/broker-under-test.ts";
import {
  type ClusterData,
  sharedCluster,
  testLimitMs,
  uniqueName,
} from "../../../test/support/kafka.ts";
import type { KafkaClients, KafkaError, NewTopic } from "../client.ts";
import { nativeClients } from "../native/clients.ts";
import { newTopic } from "./new-topic.suite.ts";
import { plainKafkajs } from "./plain-kafkajs.suite.ts";
import {
  partitionsOf,
  type TakenRecord,
  type TestConsumer,
  takenFrom,
  testConsumer,
} from "./test-consumer.suite.ts";
import {
  adminConf,
  environment,
  type JavaConf,
  numbered,
  type TestRecord,
  testProducer,
  unstopped,
} from "./test-load.suite.ts";

export interface ConsumingOptions {
  /** The codecs that the implementation can read. */
  readonly compressions: readonly string[];
  /** Whether a position without an offset can be an error, or so long ago. */
  readonly resetsByNoneAndDuration: boolean;
}

export function consumingConformance(clients: KafkaClients, options: ConsumingOptions): void {
  setDefaultTimeout(testLimitMs);
  describe(`the ${clients.library} consumer`, () => {
    let cluster: ClusterData;
    let servers = "";

    beforeAll(async () => {
      cluster = await sharedCluster();
      servers = cluster.bootstrapServers.PLAINTEXT;
    }, 180_000);

    async function createTopic(topic: Partial<NewTopic> = {}): Promise<string> {
      const conf = await adminConf({ "bootstrap.servers": servers });
      const admin = nativeClients.admin(conf, environment);
      const name = topic.name ?? uniqueName("consuming");
      const results = await admin.createTopics([newTopic({ ...topic, name })], unstopped);
      expect(results).toEqual(new Map([[name, undefined]]));
      await admin.close();
      return name;
    }

    /** Record `position` goes to partition `position % partitions`. */
    async function produce(
      topic: string,
      partitions: number,
      records: readonly TestRecord[],
      conf: JavaConf = {},
    ): Promise<void> {
      const all = { "bootstrap.servers": servers, ...conf };
      await using load = await testProducer(nativeClients, all, records);
      await load.producer.start([topic], unstopped);
      for (const position of records.keys())
        await load.send(topic, position % partitions, position);
      load.producer.flush();
      await load.producer.settled();
      expect([...new Set(load.codes().values())]).toEqual(["ok"]);
    }

    const consuming = (conf: JavaConf = {}) =>
      testConsumer(clients, { "bootstrap.servers": servers, ...conf });

    async function assigned(
      topic: string,
      partitions: number,
      conf: JavaConf = {},
    ): Promise<TestConsumer> {
      const reader = await consuming(conf);
      await reader.consumer.assign(partitionsOf(topic, partitions), unstopped);
      return reader;
    }

    const valuesIn = (records: readonly TakenRecord[], partition: number) =>
      records.filter((record) => record.partition === partition).map(({ value }) => value);

    test("reads keys, values and nulls in order for each topicPartition", async () => {
      const topic = await createTopic({ numPartitions: 3 });
      const records: TestRecord[] = [
        { key: null, value: null },
        { key: "", value: "" },
        { key: "k", value: null },
        { key: null, value: "ünï" },
        ...Array.from({ length: 3000 }, (_, i) => ({ key: `k${i}`, value: `v${i}` })),
      ];
      const beforeMs = Date.now();
      await produce(topic, 3, records, { "batch.size": "1000" });
      await using reader = await assigned(topic, 3);
      await reader.until("all records", () => reader.records.length >= records.length);
      for (const partition of [0, 1, 2]) {
        const expected = records.filter((_, position) => position % 3 === partition);
        const found = reader.records.filter((record) => record.partition === partition);
        expect(found.map(({ key, value }) => ({ key, value }))).toEqual(expected);
        expect(found.map(({ offset }) => offset)).toEqual([...expected.keys()]);
      }
      for (const { timestampMs } of reader.records) {
        expect(timestampMs).toBeWithin(beforeMs - 1000, Date.now() + 1000);
      }
      expect(reader.consumer.lagRecords).toBe(0);
      // A fresh cluster makes the topic of its groups with the first one of them.
      const isLoading = ({ code }: { readonly code?: string }) =>
        code === "COORDINATOR_LOAD_IN_PROGRESS";
      expect(reader.errors.filter((error) => !isLoading(error))).toEqual([]);
    });

    test("reads headers when they are asked for", async () => {
      const topic = await createTopic();
      const kafka = await plainKafkajs(servers);
      const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
      await producer.connect();
      const headers = { plain: "x", empty: "", twice: ["a", "b"] };
      await producer.send({ topic, messages: [{ value: "v", headers }, { value: "w" }] });
      await producer.disconnect();
      await using reader = await consuming();
      const found: string[][] = [];
      reader.consumer.onRecords = (cursor) => {
        while (cursor.next()) {
          const texts = cursor
            .headers()
            .map(({ key, value }) => `${key}=${value && toText(value)}`);
          found.push(texts);
        }
      };
      await reader.consumer.assign(partitionsOf(topic, 1), unstopped);
      await reader.until("both records", () => found.length === 2);
      expect(found).toEqual([["plain=x", "empty=", "twice=a", "twice=b"], []]);
    });

    test.each(["gzip", "snappy", "lz4", "zstd"])(
      "reads records that a client and a broker have compressed with %s",
      async (type) => {
        const records = numbered(500, "compressed ".repeat(30));
        // The broker writes its own codec's framing where the topic asks for another type.
        const topics = [
          await createTopic(),
          await createTopic({ configs: new Map([["compression.type", type]]) }),
        ] as const;
        await produce(topics[0], 1, records, { "compression.type": type });
        await produce(topics[1], 1, records);
        for (const topic of topics) {
          await using reader = await assigned(topic, 1);
          if (!options.compressions.includes(type)) {
            await reader.until("a fatal error", () => reader.consumer.fatalError !== undefined);
            const { code } = reader.consumer.fatalError!;
            expect(code).toBe("UNSUPPORTED_COMPRESSION_TYPE");
            continue;
          }
          await reader.until("all records", () => reader.records.length >= records.length);
          expect(valuesIn(reader.records, 0)).toEqual(records.map(({ value }) => value));
        }
      },
    );

    testWith("transactions", "leaves aborted transactions out with read_committed", async () => {
      const topic = await createTopic();
      const conf = { "bootstrap.servers": servers, "transactional.id": uniqueName("txn") };
      const other = { "bootstrap.servers": servers, "transactional.id": uniqueName("txn") };
      await using one = await testProducer(nativeClients, conf, numbered(40, "a"));
      await using two = await testProducer(nativeClients, other, numbered(40, "b"));
      await one.producer.start([topic], unstopped);
      await two.producer.start([topic], unstopped);
      for (const [round, aborts] of [true, false, true, false].entries()) {
        one.producer.beginTransaction();
        two.producer.beginTransaction();
        for (let at = round * 10; at < round * 10 + 10; at++) {
          await one.send(topic, 0, at);
          await two.send(topic, 0, at);
        }
        one.producer.flush();
        two.producer.flush();
        await Promise.all([one.producer.settled(), two.producer.settled()]);
        if (aborts) await one.producer.abortTransaction();
        else await one.producer.commitTransaction();
        await two.producer.commitTransaction();
      }
      await using committed = await assigned(topic, 1, { "isolation.level": "read_committed" });
      await committed.until("60 records", () => committed.records.length >= 60);
      await committed.until("the end", () => committed.consumer.lagRecords === 0);
      const found = committed.records.map(({ value }) => value!);
      expect(found.filter((value) => value.startsWith("b"))).toEqual(
        numbered(40, "b").map(({ value }) => value!),
      );
      const kept = [...Array(10).keys()].flatMap((at) => [at + 10, at + 30]);
      expect(found.filter((value) => value.startsWith("a"))).toEqual(
        kept.sort((a, b) => a - b).map((at) => `a${at}`),
      );
      await using all = await assigned(topic, 1);
      await all.until("80 records", () => all.records.length >= 80);
      expect(all.records).toHaveLength(80);
    });

    testWith("transactions", "does not read open transactions", async () => {
      const topic = await createTopic();
      const conf = { "bootstrap.servers": servers, "transactional.id": uniqueName("txn") };
      await using load = await testProducer(nativeClients, conf, numbered(10));
      await load.producer.start([topic], unstopped);
      load.producer.beginTransaction();
      for (let at = 0; at < 10; at++) await load.send(topic, 0, at);
      load.producer.flush();
      await load.producer.settled();
      await using dirty = await assigned(topic, 1);
      await using clean = await assigned(topic, 1, { "isolation.level": "read_committed" });
      await dirty.until("the open transaction", () => dirty.records.length === 10);
      expect(clean.records).toEqual([]);
      await load.producer.commitTransaction();
      await clean.until("the transaction", () => clean.records.length === 10);
    });

    test("reads records that are larger than max.partition.fetch.bytes", async () => {
      const topic = await createTopic();
      const records = ["a", "b", "c"].map((letter) => ({
        key: null,
        value: letter.repeat(50_000),
      }));
      await produce(topic, 1, records, { "batch.size": "100" });
      const small = { "max.partition.fetch.bytes": "1000", "fetch.max.bytes": "1000" };
      await using reader = await assigned(topic, 1, small);
      await reader.until("all records", () => reader.records.length === 3);
      expect(valuesIn(reader.records, 0)).toEqual(records.map(({ value }) => value));
    });

    test("hands over at most max.poll.records at a time", async () => {
      const topic = await createTopic();
      await produce(topic, 1, numbered(25));
      await using reader = await consuming({ "max.poll.records": "10" });
      const sizes: number[] = [];
      reader.consumer.onRecords = (cursor) => {
        let size = 0;
        while (cursor.next()) size += 1;
        sizes.push(size);
      };
      await reader.consumer.assign(partitionsOf(topic, 1), unstopped);
      await reader.until("all", () => sizes.reduce((sum, size) => sum + size, 0) === 25);
      expect(Math.max(...sizes)).toBeLessThanOrEqual(10);
    });

    test("holds back what a slow sink cannot take, and loses nothing", async () => {
      const topic = await createTopic({ numPartitions: 3 });
      const records = numbered(3000, "slow ".repeat(20));
      await produce(topic, 3, records, { "batch.size": "2000" });
      await using reader = await consuming({ "max.poll.records": "70" });
      let calls = 0;
      reader.consumer.onRecords = async (cursor) => {
        calls += 1;
        expect(calls).toBe(1);
        while (cursor.next()) {
          const before = takenFrom(cursor);
          if (cursor.offset % 13 === 0) await Bun.sleep(0);
          const after = takenFrom(cursor);
          expect(after).toEqual(before);
          reader.records.push(after);
        }
        calls -= 1;
      };
      await reader.consumer.assign(partitionsOf(topic, 3), unstopped);
      await reader.until("all records", () => reader.records.length >= records.length);
      for (const partition of [0, 1, 2]) {
        const expected = records.filter((_, position) => position % 3 === partition);
        expect(valuesIn(reader.records, partition)).toEqual(expected.map(({ value }) => value));
      }
    });

    test("offers again what was not taken", async () => {
      const topic = await createTopic();
      await produce(topic, 1, numbered(20));
      await using reader = await consuming();
      reader.consumer.onRecords = (cursor) => {
        for (let left = 3; left > 0 && cursor.next(); left--)
          reader.records.push(takenFrom(cursor));
      };
      await reader.consumer.assign(partitionsOf(topic, 1), unstopped);
      await reader.until("all records", () => reader.records.length >= 20);
      expect(valuesIn(reader.records, 0)).toEqual(numbered(20).map(({ value }) => value));
    });

    test("offers nothing while it is paused", async () => {
      const topic = await createTopic();
      await produce(topic, 1, numbered(10));
      await using reader = await consuming({ "max.poll.records": "3" });
      const take = reader.consumer.onRecords;
      reader.consumer.onRecords = (cursor) => {
        void take(cursor);
        if (reader.records.length === 3) reader.consumer.pause();
      };
      await reader.consumer.assign(partitionsOf(topic, 1), unstopped);
      await reader.until("the first three", () => reader.records.length >= 3);
      await Bun.sleep(150);
      expect(reader.records).toHaveLength(3);
      expect(reader.consumer.progress()).toMatchObject([{ position: 3 }]);
      reader.consumer.resume();
      await reader.until("the others", () => reader.records.length >= 10);
      expect(valuesIn(reader.records, 0)).toEqual(numbered(10).map(({ value }) => value));
    });

    test("seeks, and looks offsets up by name and by time", async () => {
      const topic = await createTopic({ numPartitions: 2 });
      await produce(topic, 1, numbered(10));
      await using reader = await assigned(topic, 2);
      await reader.until("all records", () => reader.records.length === 10);
      const timeMs = reader.records[4]!.timestampMs;
      const both = partitionsOf(topic, 2);
      const offsetsAt = (query: Parameters<TestConsumer["consumer"]["offsets"]>[1]) =>
        reader.consumer.offsets(both, query, unstopped);
      expect(await offsetsAt("earliest")).toEqual([0, 0]);
      expect(await offsetsAt("latest")).toEqual([10, 0]);
      const first = reader.records.find(({ timestampMs }) => timestampMs >= timeMs)!.offset;
      expect(await offsetsAt({ timestampMs: timeMs })).toEqual([first, -1]);
      expect(await offsetsAt({ timestampMs: Date.now() + 100_000 })).toEqual([-1, -1]);
      reader.records.length = 0;
      reader.consumer.seek(topic, 0, 7);
      await reader.until("the last three", () => reader.records.length >= 3);
      expect(reader.records.map(({ offset }) => offset)).toEqual([7, 8, 9]);
    });

    test("begins at the end with auto.offset.reset=latest", async () => {
      const topic = await createTopic();
      await produce(topic, 1, numbered(5, "old"));
      await using reader = await assigned(topic, 1, { "auto.offset.reset": "latest" });
      const hasPosition = () => reader.consumer.progress()[0]?.position === 5;
      if (clients.library === "native") await reader.until("a position", hasPosition);
      else await reader.until("an assignment", () => reader.rebalances.length > 0);
      await Bun.sleep(300);
      await produce(topic, 1, numbered(2, "new"));
      await reader.until("new records", () => reader.records.length >= 2);
      expect(valuesIn(reader.records, 0)).toEqual(["new0", "new1"]);
    });

    test("goes on as auto.offset.reset says when its offset is out of range", async () => {
      const topic = await createTopic();
      await produce(topic, 1, numbered(5));
      await using reader = await assigned(topic, 1);
      await reader.until("all records", () => reader.records.length === 5);
      reader.consumer.seek(topic, 0, 1000);
      await reader.until("all records again", () => reader.records.length >= 10);
      expect(reader.records.slice(5).map(({ offset }) => offset)).toEqual([0, 1, 2, 3, 4]);
    });

    testIf(options.resetsByNoneAndDuration)("ends with an error where none is right", async () => {
      const topic = await createTopic();
      await produce(topic, 1, numbered(5));
      const none = { "auto.offset.reset": "none" };
      await using lost = await assigned(topic, 1, none);
      await lost.until("a fatal error", () => lost.consumer.fatalError !== undefined);
      expect(lost.consumer.fatalError).toMatchObject({ code: "NO_OFFSET_FOR_PARTITION" });
      expect(lost.consumer.fatalError!.message).toContain(`${topic}-0`);
      await using young = await assigned(topic, 1, { "auto.offset.reset": "by_duration:PT1H" });
      await young.until("records of the last hour", () => young.records.length === 5);
    });

    test("rejects topicPartitions that do not exist, naming them", async () => {
      const topic = await createTopic();
      const short = { "default.api.timeout.ms": "700", "allow.auto.create.topics": "false" };
      await using reader = await consuming(short);
      const error = await reader.consumer
        .assign([{ topic, topicPartition: 7 }], unstopped)
        .catch((cause: unknown) => cause as KafkaError);
      expect(error).toMatchObject({ code: "UNKNOWN_TOPIC_OR_PARTITION" });
      expect((error as KafkaError).message).toContain(topic);
      await using stranded = await consuming(short);
      const missing = uniqueName("missing");
      const other = await stranded.consumer
        .assign([{ topic: missing, topicPartition: 0 }], unstopped)
        .catch((cause: unknown) => cause as KafkaError);
      expect((other as KafkaError).message).toContain(missing);
    });

    test("rejects within default.api.timeout.ms when no broker answers, naming it", async () => {
      await using reader = await consuming({
        "bootstrap.servers": "127.0.0.1:1",
        "default.api.timeout.ms": "500",
        "request.timeout.ms": "500",
      });
      const error = await reader.consumer
        .assign([{ topic: "x", topicPartition: 0 }], unstopped)
        .catch((cause: unknown) => cause as KafkaError);
      expect((error as KafkaError).message).toContain("127.0.0.1:1");
    });

    test("ends with the error that a sink throws", async () => {
      const topic = await createTopic();
      await produce(topic, 1, numbered(5));
      await using reader = await consuming();
      reader.consumer.onRecords = () => {
        throw new Error("the sink is full");
      };
      const ended: KafkaError[] = [];
      reader.consumer.onFatal = (error) => ended.push(error);
      await reader.consumer.assign(partitionsOf(topic, 1), unstopped);
      await reader.until("the fatal error", () => ended.length > 0);
      expect(ended[0]!.message).toContain("the sink is full");
      expect(reader.consumer.fatalError).toBe(ended[0]!);
    });
  });
}

function toText(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

/** A test that only some implementations have. */
function testIf(isThere: boolean) {
  return isThere ? test : () => {};
}
