// What every implementation of the Kafka client interface has to keep when a broker hangs: an
// outcome for each record in time, and each acknowledged record in the log exactly once, in order.

import { afterAll, beforeAll, expect, test } from "bun:test";
import { describeWith } from "../../../test/support/broker-under-test.ts";
import { type OwnCluster, ownCluster, uniqueName } from "../../../test/support/kafka.ts";
import type { KafkaClients } from "../client.ts";
import { newTopic } from "./new-topic.suite.ts";
import { readBack } from "./read-back.suite.ts";
import { adminConf, environment, numbered, testProducer, unstopped } from "./test-load.suite.ts";

export function outageConformance(clients: KafkaClients): void {
  const name = `the ${clients.library} client and a broker that hangs`;
  describeWith("brokers that may be stopped", name, () => {
    let cluster: OwnCluster;

    // Not within the test's time: on a busy machine a broker may take longer than the test.
    beforeAll(async () => {
      cluster = await ownCluster();
    }, 180_000);

    afterAll(() => cluster[Symbol.asyncDispose]());

    test("fails what is too late, and loses and repeats nothing after it", async () => {
      const { pid } = cluster.data.brokers[0]!;
      const servers = { "bootstrap.servers": cluster.data.bootstrapServers.PLAINTEXT };
      const topic = uniqueName("outage");
      const admin = clients.admin(await adminConf(servers), environment);
      await admin.createTopics([newTopic({ name: topic, numPartitions: 2 })], unstopped);
      await admin.close();
      const conf = { "request.timeout.ms": "700", "delivery.timeout.ms": "1500", "linger.ms": "0" };
      await using load = await testProducer(clients, { ...servers, ...conf }, numbered(90));
      await load.producer.start([topic], unstopped);
      const sendAndSettle = async (from: number, to: number) => {
        for (let at = from; at < to; at++) await load.send(topic, at % 2, at);
        load.producer.flush();
        await load.producer.settled();
        return [...load.codes()].slice(from, to).map(([, code]) => code);
      };

      expect(new Set(await sendAndSettle(0, 30))).toEqual(new Set(["ok"]));
      process.kill(pid!, "SIGSTOP");
      expect(await sendAndSettle(30, 60)).not.toContain("ok");
      process.kill(pid!, "SIGCONT");
      // The first ones may still meet the old connections.
      let late = await sendAndSettle(60, 62);
      for (let at = 62; late.includes("ok") === false && at < 80; at += 2) {
        late = await sendAndSettle(at, at + 2);
      }
      const last = load.codes().size;
      expect(new Set(await sendAndSettle(last, last + 10))).toEqual(new Set(["ok"]));

      const codes = load.codes();
      const acknowledged = [...codes].filter(([, code]) => code === "ok").map(([at]) => at);
      const lastValues = [`v${last + 8}`, `v${last + 9}`];
      const found = await readBack(servers["bootstrap.servers"], topic, (records) =>
        lastValues.every((value) => records.some((record) => record.value === value)),
      );
      for (const partition of [0, 1]) {
        const positions = found
          .filter((record) => record.partition === partition)
          .map(({ value }) => Number(value!.slice(1)));
        expect(positions).toEqual([...new Set(positions)].sort((a, b) => a - b));
        const expected = acknowledged.filter((at) => at % 2 === partition);
        expect(positions).toEqual(expect.arrayContaining(expected));
      }
    }, 90_000);
  });
}
