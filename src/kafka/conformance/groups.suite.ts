// What every implementation of the Kafka client interface has to do as a member of groups, shown
// against a real broker, by each group protocol that it speaks.

import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { describeWith } from "../../../test/support/broker-under-test.ts";
import {
  type ClusterData,
  sharedCluster,
  testLimitMs,
  uniqueName,
} from "../../../test/support/kafka.ts";
import type { GroupAdmin, KafkaClients } from "../client.ts";
import { nativeClients } from "../native/clients.ts";
import { newTopic } from "./new-topic.suite.ts";
import { plainKafkajs } from "./plain-kafkajs.suite.ts";
import { type TestConsumer, takenFrom, testConsumer } from "./test-consumer.suite.ts";
import {
  adminConf,
  environment,
  type JavaConf,
  numbered,
  type TestProducer,
  testProducer,
  unstopped,
} from "./test-load.suite.ts";

export interface GroupsOptions {
  readonly protocols: readonly ("classic" | "consumer")[];
  readonly hasStaticMembership: boolean;
  readonly hasStickyAssignors: boolean;
  /** Whether a member leaves whose records take longer than max.poll.interval.ms. */
  readonly leavesWhenSlow: boolean;
}

const kip848 = "consumer groups of KIP-848";
const javaPackage = "org.apache.kafka.clients.consumer";

export function groupsConformance(clients: KafkaClients, options: GroupsOptions): void {
  setDefaultTimeout(testLimitMs);
  describe(`the ${clients.library} consumer in groups`, () => {
    let cluster: ClusterData;
    let servers = "";
    let groups: GroupAdmin;

    beforeAll(async () => {
      cluster = await sharedCluster();
      servers = cluster.bootstrapServers.PLAINTEXT;
      const conf = await adminConf({ "bootstrap.servers": servers });
      groups = clients.groupAdmin(conf, environment);
    }, 180_000);

    afterAll(() => groups.close());

    async function createTopic(numPartitions: number, name = uniqueName("groups")) {
      const conf = await adminConf({ "bootstrap.servers": servers });
      const admin = nativeClients.admin(conf, environment);
      await admin.createTopics([newTopic({ name, numPartitions })], unstopped);
      await admin.close();
      return name;
    }

    async function producing(topic: string, count: number): Promise<TestProducer> {
      const conf = { "bootstrap.servers": servers, "linger.ms": "0" };
      const load = await testProducer(nativeClients, conf, numbered(count));
      await load.producer.start([topic], unstopped);
      return load;
    }

    /** Records `from` to `to`, each in partition `position % partitions`. */
    async function send(
      load: TestProducer,
      topic: string,
      partitions: number,
      from: number,
      to: number,
    ): Promise<void> {
      for (let at = from; at < to; at++) await load.send(topic, at % partitions, at);
      load.producer.flush();
      await load.producer.settled();
    }

    const quick = { "heartbeat.interval.ms": "300", "auto.commit.interval.ms": "200" };

    async function member(conf: JavaConf, topics: readonly string[]): Promise<TestConsumer> {
      const isClassic = conf["group.protocol"] !== "consumer";
      const { "heartbeat.interval.ms": _interval, ...without } = quick;
      const reader = await testConsumer(clients, {
        "bootstrap.servers": servers,
        ...(isClassic ? quick : without),
        ...conf,
      });
      await reader.consumer.subscribe(topics, unstopped);
      return reader;
    }

    const positionsOf = (readers: readonly TestConsumer[]) =>
      readers.flatMap(({ records }) => records.map(({ value }) => Number(value!.slice(1))));
    const all = (count: number) => [...Array(count).keys()];
    const ascending = (a: number, b: number) => a - b;

    for (const protocol of options.protocols) {
      const describeIt = protocol === "classic" ? describe : describeWith.bind(undefined, kip848);
      describeIt(`with group.protocol=${protocol}`, () => checksWith(protocol));
    }

    function checksWith(protocol: "classic" | "consumer"): void {
      const group = () => ({ "group.id": uniqueName("group"), "group.protocol": protocol });

      test("shares topicPartitions, and takes over those of a member that leaves", async () => {
        const topic = await createTopic(6);
        await using load = await producing(topic, 60);
        const conf = group();
        await using one = await member(conf, [topic]);
        await one.until("all six", () => one.assigned().length === 6);
        await send(load, topic, 6, 0, 18);
        await one.until("18 records", () => one.records.length === 18);
        const two = await member(conf, [topic]);
        await two.until("three each", () => two.assigned().length === 3);
        await one.until("three each", () => one.assigned().length === 3);
        const names = all(6).map((index) => `${topic}-${index}`);
        expect([...one.assigned(), ...two.assigned()].sort()).toEqual(names);
        await send(load, topic, 6, 18, 36);
        const taken = () => one.records.length + two.records.length;
        await one.until("36 records", () => taken() >= 36);
        expect(two.records.length).toBe(9);
        await two.consumer.close(5000);
        await one.until("all six again", () => one.assigned().length === 6);
        await send(load, topic, 6, 36, 60);
        await one.until("60 records", () => taken() >= 60);
        expect(positionsOf([one, two]).sort(ascending)).toEqual(all(60));
        expect(one.consumer.membership).toMatchObject({ groupId: conf["group.id"] });
        expect(one.consumer.membership!.rebalances).toBeGreaterThanOrEqual(3);
      });

      test("goes on where the group has stopped", async () => {
        const topic = await createTopic(2);
        await using load = await producing(topic, 40);
        await send(load, topic, 2, 0, 20);
        const conf = group();
        const first = await member(conf, [topic]);
        await first.until("20 records", () => first.records.length === 20);
        await first.consumer.close(5000);
        await send(load, topic, 2, 20, 40);
        await using second = await member(conf, [topic]);
        await second.until("20 more", () => second.records.length === 20);
        expect(positionsOf([second]).sort(ascending)).toEqual(all(40).slice(20));
      });

      test("commits when it is told to, and only what was taken", async () => {
        const topic = await createTopic(1);
        await using load = await producing(topic, 10);
        await send(load, topic, 1, 0, 10);
        const conf = group();
        const manual = { ...conf, "enable.auto.commit": "false", "max.poll.records": "4" };
        const reader = await testConsumer(clients, { "bootstrap.servers": servers, ...manual });
        const take = reader.consumer.onRecords;
        reader.consumer.onRecords = (cursor) => {
          void take(cursor);
          reader.consumer.pause();
        };
        await reader.consumer.subscribe([topic], unstopped);
        await reader.until("four records", () => reader.records.length === 4);
        const committed = () => groups.committedOffsets(conf["group.id"], unstopped);
        expect(await committed()).toEqual([]);
        await reader.consumer.commit();
        expect(await committed()).toEqual([{ topic, topicPartition: 0, offset: 4 }]);
        await reader.consumer.close(5000);
        expect(await committed()).toEqual([{ topic, topicPartition: 0, offset: 4 }]);
      });

      test("leaves the group when it is closed", async () => {
        const topic = await createTopic(1);
        const conf = group();
        const id = conf["group.id"];
        expect(await groups.describeGroup(id, unstopped)).toMatchObject({ state: "Dead" });
        const reader = await member({ ...conf, "client.id": "the-member" }, [topic]);
        await reader.until("its partition", () => reader.assigned().length === 1);
        expect(await groups.describeGroup(id, unstopped)).toEqual({
          groupId: id,
          state: "Stable",
          clientIds: ["the-member"],
        });
        const refusal = await groups.deleteGroup(id, unstopped).catch((error: unknown) => error);
        expect(refusal).toMatchObject({ code: "NON_EMPTY_GROUP" });
        await reader.consumer.close(5000);
        expect(await groups.describeGroup(id, unstopped)).toMatchObject({ state: "Empty" });
        await groups.deleteGroup(id, unstopped);
        expect(await groups.describeGroup(id, unstopped)).toMatchObject({ state: "Dead" });
      });

      test("waits for topics that are missing, says so, and reads them then", async () => {
        const topic = uniqueName("late");
        const conf = {
          ...group(),
          "allow.auto.create.topics": "false",
          "metadata.max.age.ms": "300",
        };
        await using reader = await member(conf, [topic]);
        await reader.until(
          "trouble",
          () => reader.consumer.trouble?.message.includes(topic) === true,
        );
        await createTopic(1, topic);
        await using load = await producing(topic, 5);
        await send(load, topic, 1, 0, 5);
        await reader.until("its records", () => reader.records.length === 5);
        expect(reader.consumer.trouble).toBeUndefined();
      });

      test("takes up partitions that are added", async () => {
        const topic = await createTopic(1);
        const conf = { ...group(), "metadata.max.age.ms": "300" };
        await using reader = await member(conf, [topic]);
        await reader.until("one", () => reader.assigned().length === 1);
        const admin = (await plainKafkajs(servers)).admin();
        await admin.connect();
        await admin.createPartitions({ topicPartitions: [{ topic, count: 3 }] });
        await admin.disconnect();
        await reader.until("three", () => reader.assigned().length === 3);
      });

      testIf(options.leavesWhenSlow)(
        "leaves while records are worked on for too long, and comes back",
        async () => {
          const topic = await createTopic(2);
          await using load = await producing(topic, 40);
          const conf = group();
          const slow = await testConsumer(clients, {
            "bootstrap.servers": servers,
            ...conf,
            "max.poll.interval.ms": "1000",
          });
          const done = Promise.withResolvers<void>();
          let isFirst = true;
          slow.consumer.onRecords = async (cursor) => {
            while (cursor.next()) slow.records.push(takenFrom(cursor));
            if (isFirst) await done.promise;
            isFirst = false;
          };
          await slow.consumer.subscribe([topic], unstopped);
          await slow.until("its partitions", () => slow.assigned().length === 2);
          await send(load, topic, 2, 0, 20);
          await slow.until("records", () => slow.records.length > 0);
          const hasLost = () => slow.rebalances.some(({ kind }) => kind === "lost");
          await slow.until("the end of its patience", hasLost);
          expect(slow.errors.map(({ code }) => code)).toContain("MAX_POLL_INTERVAL_EXCEEDED");
          await using other = await member(conf, [topic]);
          await other.until("all partitions", () => other.assigned().length === 2);
          done.resolve();
          await slow.until("one partition", () => slow.assigned().length === 1);
          await other.until("one partition", () => other.assigned().length === 1);
          await slow.consumer.close(5000);
        },
      );

      testIf(options.hasStaticMembership)(
        "keeps a static member's share while it is away",
        async () => {
          const topic = await createTopic(2);
          const conf = group();
          const name = (id: string) => ({ ...conf, "group.instance.id": id });
          await using one = await member(name("one"), [topic]);
          const two = await member(name("two"), [topic]);
          await two.until("a share", () => two.assigned().length === 1);
          await one.until("a share", () => one.assigned().length === 1);
          const share = two.assigned();
          const rebalances = one.rebalances.length;
          await two.consumer.close(5000);
          await using back = await member(name("two"), [topic]);
          await back.until("the same share", () => back.assigned().length === 1);
          expect(back.assigned()).toEqual(share);
          expect(one.rebalances.length).toBe(rebalances);
        },
      );
    }

    testIf(options.hasStickyAssignors)("moves only what has to move, cooperatively", async () => {
      const topic = await createTopic(6);
      const conf = {
        "group.id": uniqueName("group"),
        "partition.assignment.strategy": `${javaPackage}.CooperativeStickyAssignor`,
      };
      await using one = await member(conf, [topic]);
      await one.until("all six", () => one.assigned().length === 6);
      await using two = await member(conf, [topic]);
      await two.until("three", () => two.assigned().length === 3);
      const revoked = one.rebalances.filter(({ kind }) => kind === "revoked");
      expect(revoked.flatMap(({ topicPartitions }) => topicPartitions)).toHaveLength(3);
      expect(one.assigned()).toHaveLength(3);
    });

    testIf(options.hasStickyAssignors)("keeps what it can with the sticky assignor", async () => {
      const topic = await createTopic(6);
      const conf = {
        "group.id": uniqueName("group"),
        "partition.assignment.strategy": `${javaPackage}.StickyAssignor`,
      };
      // By range, which follows the ids, the third would take what the first two have.
      const called = (id: string) => member({ ...conf, "group.instance.id": id }, [topic]);
      await using one = await called("b");
      await using two = await called("c");
      const have = (count: number, ...members: TestConsumer[]) =>
        one.until(`${count} each`, () => members.every((each) => each.assigned().length === count));
      await have(3, one, two);
      const before = [one.assigned(), two.assigned()];
      await using three = await called("a");
      await have(2, one, two, three);
      for (const [index, each] of [one, two].entries()) {
        expect(before[index]).toEqual(expect.arrayContaining(each.assigned()));
      }
    });
  });
}

/** A test that only some implementations have. */
function testIf(isThere: boolean) {
  return isThere ? test : () => {};
}
