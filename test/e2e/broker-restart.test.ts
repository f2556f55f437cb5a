// What the exactly-once promise is worth: three real brokers, of which one is restarted, one
// crashes and one stands still while producers are under load. An independent reader then looks at
// the log.

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import {
  killBroker,
  pauseBroker,
  restartBroker,
  resumeBroker,
  startBroker,
} from "../../scripts/kafka-cluster/cluster.ts";
import { newTopic } from "../../src/kafka/conformance/new-topic.suite.ts";
import {
  adminConf,
  environment,
  type JavaConf,
  unstopped,
} from "../../src/kafka/conformance/test-load.suite.ts";
import { nativeClients } from "../../src/kafka/native/clients.ts";
import { type OwnCluster, ownCluster, uniqueName } from "../support/kafka.ts";
import { readTopic } from "./read-topic.ts";
import { checkLog, type SteadyLoad, startSteadyLoad } from "./steady-load.ts";
import {
  startTransactionalLoad,
  type TransactionalLoad,
  transactionProblems,
} from "./transactional-load.ts";

const partitionCount = 6;
const ratePerSec = 1_500;
/** Enough records for each topicPartition to say that it works again. */
const someRecords = 200;
const someTransactions = 5;

let cluster: OwnCluster;
let servers = "";

beforeAll(async () => {
  cluster = await ownCluster({
    brokers: 3,
    // A broker that stands still loses its leaderships after this time.
    properties: { "broker.session.timeout.ms": "3000", "broker.heartbeat.interval.ms": "500" },
  });
  servers = cluster.data.bootstrapServers.PLAINTEXT;
}, 120_000);

afterAll(() => cluster[Symbol.asyncDispose]());

async function createTopic(): Promise<string> {
  const conf = await adminConf({ "bootstrap.servers": servers });
  const admin = nativeClients.admin(conf, environment);
  const name = uniqueName("restarted");
  const configs = new Map([["min.insync.replicas", "2"]]);
  const topic = newTopic({ name, numPartitions: partitionCount, replicationFactor: 3, configs });
  expect(await admin.createTopics([topic], unstopped)).toEqual(new Map([[name, undefined]]));
  await admin.close();
  return name;
}

/** A restart, a crash and a freeze; after each, every load goes on in every topicPartition. */
async function troubleBrokers(
  loads: readonly SteadyLoad[],
  transactions: TransactionalLoad,
): Promise<void> {
  const { name } = cluster.data;
  const progress = async () => {
    await Promise.all(loads.map((load) => load.progressed(someRecords)));
    await transactions.progressed(someTransactions);
  };
  await progress();
  await restartBroker(name, 1);
  await progress();
  await killBroker(name, 2);
  await progress();
  await startBroker(name, 2);
  await progress();
  await pauseBroker(name, 3);
  await progress();
  await resumeBroker(name, 3);
  await progress();
  await Promise.all([...loads, transactions].map((load) => load.stop()));
}

describe("producers whose brokers are restarted, killed and frozen under load", () => {
  const loads: { readonly topic: string; readonly load: SteadyLoad }[] = [];
  let transactions: TransactionalLoad;
  let transactionTopic: string;

  beforeAll(async () => {
    const patience: JavaConf = { "bootstrap.servers": servers, "request.timeout.ms": "1500" };
    for (const conf of [{ "enable.idempotence": "true" }, { "enable.idempotence": "false" }]) {
      const topic = await createTopic();
      const load = await startSteadyLoad({
        topic,
        partitionCount,
        ratePerSec,
        conf: { ...patience, acks: "all", ...conf },
      });
      loads.push({ topic, load });
    }
    transactionTopic = await createTopic();
    transactions = await startTransactionalLoad(transactionTopic, partitionCount, {
      ...patience,
      "transactional.id": uniqueName("restarted"),
      "transaction.timeout.ms": "30000",
    });
    const steady = loads.map(({ load }) => load);
    await troubleBrokers(steady, transactions);
  }, 240_000);

  afterAll(async () => {
    for (const { load } of loads) await load[Symbol.asyncDispose]();
    await transactions[Symbol.asyncDispose]();
  });

  test("have each record in the log once and in order, if they are idempotent", async () => {
    const { load, topic } = loads[0]!;
    const records = await readTopic(servers, topic, partitionCount);
    expect(Object.fromEntries(load.failures)).toEqual({});
    expect(load.acknowledged.filter(Boolean)).toHaveLength(load.sentCount);
    expect(checkLog(load, records)).toEqual({ lost: [], repeated: [], misplaced: [] });
    expect(records).toHaveLength(load.sentCount);
    expect(load.buffered).toEqual({ records: 0, bytes: 0 });
  }, 240_000);

  test("have whole transactions in the log or nothing of them", async () => {
    const records = await readTopic(servers, transactionTopic, partitionCount);
    expect(transactions.failures).toEqual([]);
    expect(transactionProblems(transactions, partitionCount, records)).toEqual([]);
    expect(records.length).toBeGreaterThan(0);
  }, 240_000);

  test("lose no acknowledged record without idempotence", async () => {
    const { load, topic } = loads[1]!;
    const records = await readTopic(servers, topic, partitionCount);
    expect(Object.fromEntries(load.failures)).toEqual({});
    expect(checkLog(load, records).lost).toEqual([]);
  }, 240_000);
});
