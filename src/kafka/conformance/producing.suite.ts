// What every implementation of the Kafka client interface has to do when it makes topics and
// produces, shown against a real broker.

import { beforeAll, describe, expect, test } from "bun:test";
import { describeWith } from "../../../test/support/broker-under-test.ts";
import { type ClusterData, sharedCluster, uniqueName } from "../../../test/support/kafka.ts";
import { type Admin, type KafkaClients, KafkaError, type NewTopic } from "../client.ts";
import { newTopic } from "./new-topic.suite.ts";
import { readBack, valuesOf } from "./read-back.suite.ts";
import {
  adminConf,
  environment,
  type JavaConf,
  numbered,
  type TestProducer,
  type TestRecord,
  testProducer,
  unstopped,
} from "./test-load.suite.ts";

export interface ConformanceOptions {
  /** The compression.type values that the implementation has. */
  readonly compressions: readonly string[];
}

export function producingConformance(clients: KafkaClients, options: ConformanceOptions): void {
  describe(`the ${clients.library} client`, () => {
    let cluster: ClusterData;
    let servers = "";
    let admin: Admin;

    beforeAll(async () => {
      cluster = await sharedCluster();
      servers = cluster.bootstrapServers.PLAINTEXT;
      admin = clients.admin(await adminConf({ "bootstrap.servers": servers }), environment);
    }, 180_000);

    async function createTopic(topic: Partial<NewTopic> = {}): Promise<string> {
      const name = topic.name ?? uniqueName("conformance");
      const results = await admin.createTopics([newTopic({ ...topic, name })], unstopped);
      expect(results).toEqual(new Map([[name, undefined]]));
      return name;
    }

    async function started(
      topics: readonly string[],
      conf: JavaConf,
      records: readonly TestRecord[],
    ): Promise<TestProducer> {
      const load = await testProducer(clients, { "bootstrap.servers": servers, ...conf }, records);
      await load.producer.start(topics, unstopped);
      return load;
    }

    const hasAll = (count: number) => (records: readonly unknown[]) => records.length >= count;

    describe("admin", () => {
      test("creates topics with partitions, assignments and configs", async () => {
        const names = [uniqueName("plain"), uniqueName("assigned")] as const;
        const results = await admin.createTopics(
          [
            newTopic({
              name: names[0],
              numPartitions: 3,
              configs: new Map([["retention.ms", "1"]]),
            }),
            newTopic({
              name: names[1],
              numPartitions: -1,
              replicationFactor: -1,
              assignments: new Map([
                [0, [cluster.brokers[0]!.id]],
                [1, [cluster.brokers[0]!.id]],
              ]),
            }),
          ],
          unstopped,
        );
        expect(results).toEqual(new Map(names.map((name) => [name, undefined])));
        // The broker that answers may hear of new topics a moment later.
        let described = await admin.describeTopics(names, unstopped);
        while ([...described.values()].some((each) => each instanceof KafkaError)) {
          described = await admin.describeTopics(names, unstopped);
        }
        expect(described).toEqual(
          new Map([
            [names[0], { name: names[0], partitions: [0, 1, 2] }],
            [names[1], { name: names[1], partitions: [0, 1] }],
          ]),
        );
      });

      test("gives each topic its own result", async () => {
        const existing = await createTopic();
        const [fresh, greedy, odd] = ["fresh", "greedy", "odd"].map(uniqueName) as [
          string,
          string,
          string,
        ];
        const results = await admin.createTopics(
          [
            newTopic({ name: existing }),
            newTopic({ name: fresh }),
            newTopic({ name: greedy, replicationFactor: 1000 }),
            newTopic({ name: odd, configs: new Map([["no.such.config", "1"]]) }),
          ],
          unstopped,
        );
        const codes = new Map([...results].map(([name, error]) => [name, error?.code]));
        expect(codes).toEqual(
          new Map([
            [existing, "TOPIC_ALREADY_EXISTS"],
            [fresh, undefined],
            [greedy, "INVALID_REPLICATION_FACTOR"],
            [odd, "INVALID_CONFIG"],
          ]),
        );
      });

      test("describes a topic that does not exist as UNKNOWN_TOPIC_OR_PARTITION", async () => {
        const [known, unknown] = [await createTopic(), uniqueName("unknown")];
        let described = await admin.describeTopics([known, unknown], unstopped);
        while (described.get(known) instanceof KafkaError) {
          described = await admin.describeTopics([known, unknown], unstopped);
        }
        expect(described.get(known)).toEqual({ name: known, partitions: [0] });
        expect((described.get(unknown) as KafkaError).code).toBe("UNKNOWN_TOPIC_OR_PARTITION");
      });

      test("rejects within request.timeout.ms when no broker answers, naming it", async () => {
        const conf = { "bootstrap.servers": "127.0.0.1:1", "request.timeout.ms": "500" };
        const stranded = clients.admin(await adminConf(conf), environment);
        const error = await stranded
          .createTopics([newTopic({ name: "x" })], unstopped)
          .catch((cause: unknown) => cause);
        await stranded.close();
        expect(error).toBeInstanceOf(KafkaError);
        expect((error as KafkaError).message).toContain("127.0.0.1:1");
      });

      test("rejects early when the signal aborts", async () => {
        const conf = { "bootstrap.servers": "127.0.0.1:1", "request.timeout.ms": "50000" };
        const stranded = clients.admin(await adminConf(conf), environment);
        const stop = new AbortController();
        const answer = stranded.describeTopics(["x"], stop.signal).catch((cause: unknown) => cause);
        stop.abort();
        expect(await answer).toBeInstanceOf(KafkaError);
        await stranded.close();
      });
    });

    describe("producer", () => {
      test("writes keys, values and nulls in order for each topicPartition", async () => {
        const topic = await createTopic({ numPartitions: 3 });
        const records: TestRecord[] = [
          { key: null, value: null },
          { key: "", value: "" },
          { key: "k", value: null },
          { key: null, value: "ünï" },
          ...Array.from({ length: 2000 }, (_, i) => ({ key: `k${i}`, value: `v${i}` })),
        ];
        await using load = await started([topic], { "batch.size": "1000" }, records);
        for (const position of records.keys()) await load.send(topic, position % 3, position);
        await load.producer.settled();
        expect([...new Set(load.codes().values())]).toEqual(["ok"]);
        const found = await readBack(servers, topic, hasAll(records.length));
        for (const partition of [0, 1, 2]) {
          const expected = records.filter((_, position) => position % 3 === partition);
          const inPartition = found.filter((record) => record.partition === partition);
          expect(inPartition.map(({ key, value }) => ({ key, value }))).toEqual(expected);
        }
      });

      test("gives every record exactly one outcome, with its times in order", async () => {
        const topic = await createTopic({ numPartitions: 2 });
        const records = numbered(500, "some value ");
        await using load = await started([topic], { "batch.size": "500" }, records);
        const beforeUs = environment.clock.nowUs();
        for (const position of records.keys()) await load.send(topic, position % 2, position);
        await load.producer.settled();
        const afterUs = environment.clock.nowUs();
        expect(load.codes().size).toBe(records.length);
        for (const outcome of load.outcomes) {
          const { sentUs, completedUs, appendedUs } = outcome;
          const times = [beforeUs, appendedUs[0]!, appendedUs.at(-1)!, completedUs, afterUs];
          expect(times).toEqual([...times].sort((a, b) => a - b));
          expect(sentUs).toBeWithin(appendedUs[0]!, completedUs + 1);
          expect(outcome.intendedUs).toHaveLength(outcome.count);
          expect(outcome.topic).toBe(topic);
        }
        const payloadBytes = load.outcomes.reduce((sum, outcome) => sum + outcome.payloadBytes, 0);
        const expected = records.reduce((sum, record) => sum + record.value!.length, 0);
        expect(payloadBytes).toBe(expected);
        expect(load.producer.buffered).toEqual({ records: 0, bytes: 0 });
      });

      test("chooses the topicPartition by the key as Kafka does, else spreads", async () => {
        const topic = await createTopic({ numPartitions: 5 });
        // Java's murmur2 partitions of these keys among 5.
        const records: TestRecord[] = [
          ...["a", "key-1", "kafka", "trogdor"].map((key) => ({ key, value: key })),
          ...numbered(300, "x".repeat(100)),
        ];
        await using load = await started([topic], { "batch.size": "1000" }, records);
        for (const position of records.keys()) await load.send(topic, -1, position);
        await load.producer.settled();
        const found = await readBack(servers, topic, hasAll(records.length));
        const partitionOf = new Map(found.map(({ key, partition }) => [key, partition]));
        expect(records.slice(0, 4).map(({ key }) => partitionOf.get(key))).toEqual(javaPartitions);
        expect(new Set(found.map(({ partition }) => partition)).size).toBe(5);
      });

      test("answers false when buffer.memory is full, and again true after room()", async () => {
        const topic = await createTopic();
        const records = numbered(200, "x".repeat(1000));
        const conf = {
          "buffer.memory": "65536",
          "linger.ms": "60000",
          "request.timeout.ms": "1000",
        };
        await using load = await started([topic], conf, records);
        let position = 0;
        while (load.producer.send(topic, 0, position, position)) position++;
        expect(position).toBeWithin(5, 66);
        await load.producer.room();
        expect(load.producer.send(topic, 0, position, position)).toBe(true);
        load.producer.flush();
        await load.producer.settled();
        expect(load.codes().size).toBe(position + 1);
      });

      test("sends at once what flush() closes, without waiting for linger.ms", async () => {
        const topic = await createTopic({ numPartitions: 3 });
        await using load = await started([topic], { "linger.ms": "100000" }, numbered(3));
        for (const position of [0, 1, 2]) await load.send(topic, position, position);
        expect(load.producer.buffered.records).toBe(3);
        load.producer.flush();
        await load.producer.settled();
        expect([...load.codes().values()]).toEqual(["ok", "ok", "ok"]);
      });

      test.each([...options.compressions])("writes batches compressed with %s", async (type) => {
        const topic = await createTopic();
        const records = numbered(300, "compressible ".repeat(10));
        await using load = await started([topic], { "compression.type": type }, records);
        for (const position of records.keys()) await load.send(topic, 0, position);
        await load.producer.settled();
        const found = await readBack(servers, topic, hasAll(records.length));
        expect(valuesOf(found, 0)).toEqual(records.map(({ value }) => value));
      });

      test.each(["0", "1", "all"])("sends with acks=%s", async (acks) => {
        const topic = await createTopic({ numPartitions: 2 });
        const records = numbered(300);
        // The leaders of a new topic may still drop what they need not answer: they answer these.
        await using first = await started([topic], { acks: "all" }, records);
        for (const position of [0, 1]) await first.send(topic, position, position);
        await first.producer.settled();
        await using load = await started([topic], { acks, "batch.size": "300" }, records);
        for (const position of records.slice(2).keys()) {
          await load.send(topic, position % 2, position + 2);
        }
        await load.producer.settled();
        expect([...new Set(load.codes().values())]).toEqual(["ok"]);
        const found = await readBack(servers, topic, hasAll(records.length));
        expect(found.map(({ value }) => value).sort()).toEqual(
          records.map(({ value }) => value).sort(),
        );
      });

      test("reports only the record above max.request.size as RECORD_TOO_LARGE", async () => {
        const topic = await createTopic();
        const records = [...numbered(2), { key: null, value: "x".repeat(5000) }];
        await using load = await started([topic], { "max.request.size": "3000" }, records);
        for (const position of [0, 2, 1]) await load.send(topic, 0, position);
        await load.producer.settled();
        expect(load.codes()).toEqual(
          new Map([
            [2, "RECORD_TOO_LARGE"],
            [0, "ok"],
            [1, "ok"],
          ]),
        );
      });

      test("blames only the topicPartition whose batch the broker refused", async () => {
        const small = await createTopic({ configs: new Map([["max.message.bytes", "1000"]]) });
        const large = await createTopic();
        const records = [{ key: null, value: "x".repeat(5000) }, ...numbered(3)];
        await using load = await started([small, large], { "linger.ms": "50" }, records);
        await load.send(small, 0, 0);
        await load.send(large, 0, 1);
        load.producer.flush();
        await load.producer.settled();
        await load.send(small, 0, 2);
        await load.send(large, 0, 3);
        await load.producer.settled();
        expect(Object.fromEntries(load.codes())).toEqual({
          0: "MESSAGE_TOO_LARGE",
          1: "ok",
          2: "ok",
          3: "ok",
        });
        expect(valuesOf(await readBack(servers, large, hasAll(2)), 0)).toEqual(["v0", "v2"]);
        expect(valuesOf(await readBack(servers, small, hasAll(1)), 0)).toEqual(["v1"]);
      });

      test("gives outstanding records an outcome when it is closed", async () => {
        const topic = await createTopic({ numPartitions: 2 });
        const records = numbered(100);
        const load = await started([topic], { "linger.ms": "100000" }, records);
        for (const position of records.keys()) await load.send(topic, position % 2, position);
        await load.producer.close(0);
        expect(load.codes().size).toBe(100);
        expect(load.producer.buffered.records).toBe(0);
      });

      test("sends what is outstanding when it is closed with time for it", async () => {
        const topic = await createTopic();
        const load = await started([topic], { "linger.ms": "100000" }, numbered(10));
        for (let position = 0; position < 10; position++) await load.send(topic, 0, position);
        await load.producer.close(10_000);
        expect([...new Set(load.codes().values())]).toEqual(["ok"]);
      });

      test("rejects the start for a topic that does not exist", async () => {
        const topic = uniqueName("missing");
        const load = await testProducer(
          clients,
          { "bootstrap.servers": servers, "max.block.ms": "1000" },
          numbered(1),
        );
        const error = await load.producer
          .start([topic], unstopped)
          .catch((cause: unknown) => cause);
        await load.producer.close(0);
        expect(error).toBeInstanceOf(KafkaError);
        expect((error as KafkaError).code).toBe("UNKNOWN_TOPIC_OR_PARTITION");
      });

      test("rejects the start within max.block.ms when no broker answers", async () => {
        const conf = { "bootstrap.servers": "127.0.0.1:1", "max.block.ms": "500" };
        const load = await testProducer(clients, conf, numbered(1));
        const error = await load.producer.start(["x"], unstopped).catch((cause: unknown) => cause);
        await load.producer.close(0);
        expect(error).toBeInstanceOf(KafkaError);
        expect((error as KafkaError).message).toContain("127.0.0.1:1");
      });
    });

    describeWith("transactions", "transactions", () => {
      const transactional = () => ({ "transactional.id": uniqueName("transaction") });

      test("shows what was committed and hides what was aborted", async () => {
        const topic = await createTopic({ numPartitions: 2 });
        await using load = await started([topic], transactional(), numbered(40));
        const transaction = async (from: number, isCommitted: boolean) => {
          load.producer.beginTransaction();
          for (let at = from; at < from + 10; at++) await load.send(topic, at % 2, at);
          if (isCommitted) await load.producer.commitTransaction();
          else {
            load.producer.flush();
            await load.producer.settled();
            await load.producer.abortTransaction();
          }
        };
        await transaction(0, true);
        await transaction(10, false);
        await transaction(20, true);
        await transaction(30, true);
        const committed = await readBack(servers, topic, hasAll(30));
        const values = committed.map(({ value }) => Number(value!.slice(1)));
        expect(values.sort((a, b) => a - b)).toEqual([
          ...Array(10).keys(),
          ...Array.from({ length: 20 }, (_, index) => index + 20),
        ]);
        expect(await readBack(servers, topic, hasAll(40), true)).toHaveLength(40);
      });

      test("drops what was not sent yet when it is aborted", async () => {
        const topic = await createTopic();
        const conf = { ...transactional(), "linger.ms": "100000" };
        await using load = await started([topic], conf, numbered(6));
        load.producer.beginTransaction();
        for (const position of [0, 1, 2]) await load.send(topic, 0, position);
        await load.producer.abortTransaction();
        load.producer.beginTransaction();
        for (const position of [3, 4, 5]) await load.send(topic, 0, position);
        await load.producer.commitTransaction();
        expect([...load.codes().values()].slice(0, 3)).toEqual(
          Array(3).fill("TRANSACTION_ABORTED"),
        );
        expect(valuesOf(await readBack(servers, topic, hasAll(3)), 0)).toEqual(["v3", "v4", "v5"]);
      });

      test("refuses records outside a transaction", async () => {
        const topic = await createTopic();
        await using load = await started([topic], transactional(), numbered(1));
        await load.send(topic, 0, 0);
        expect(load.codes()).toEqual(new Map([[0, "INVALID_TXN_STATE"]]));
      });

      test("fences an older producer of the same transactional.id", async () => {
        const topic = await createTopic();
        const conf = transactional();
        await using older = await started([topic], conf, numbered(2));
        older.producer.beginTransaction();
        await older.send(topic, 0, 0);
        older.producer.flush();
        await older.producer.settled();
        await using newer = await started([topic], conf, numbered(1, "new"));
        await expect(older.producer.commitTransaction()).rejects.toMatchObject({
          code: expect.stringMatching(/^(PRODUCER_FENCED|INVALID_PRODUCER_EPOCH)$/),
        });
        expect(older.producer.fatalError).toBeInstanceOf(KafkaError);
        newer.producer.beginTransaction();
        await newer.send(topic, 0, 0);
        await newer.producer.commitTransaction();
        expect(valuesOf(await readBack(servers, topic, hasAll(1)), 0)).toEqual(["new0"]);
      });
    });
  });
}

const javaPartitions = [4, 0, 0, 4];
