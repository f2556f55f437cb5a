// A producer over TLS whose logins expire every few seconds, and whose broker then crashes: it logs
// in again on the connections that it has, and takes a broken TLS handshake for what it is.

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { killBroker, startBroker } from "../../scripts/kafka-cluster/cluster.ts";
import { newTopic } from "../../src/kafka/conformance/new-topic.suite.ts";
import {
  adminConf,
  environment,
  type JavaConf,
  unstopped,
} from "../../src/kafka/conformance/test-load.suite.ts";
import { nativeClients } from "../../src/kafka/native/clients.ts";
import { silentLog } from "../../src/platform/log/log.ts";
import { atBest } from "../support/at-best.ts";
import { type OwnCluster, ownCluster, uniqueName } from "../support/kafka.ts";
import { readTopic } from "./read-topic.ts";
import { checkLog, type SteadyLoad, startSteadyLoad } from "./steady-load.ts";

const partitionCount = 3;
const ratePerSec = 1_000;
const loginLifetimeMs = 2_000;
/** What each topicPartition gets in three such lives. */
const recordsOfThreeLives = (3 * loginLifetimeMs * ratePerSec) / partitionCount / 1000;

let cluster: OwnCluster;
let conf: JavaConf;

beforeAll(async () => {
  const properties = {
    "connections.max.reauth.ms": String(loginLifetimeMs),
    "ssl.client.auth": "required",
  };
  cluster = await ownCluster({ tls: true, sasl: true, properties });
  const { bootstrapServers, tls } = cluster.data;
  const module = "org.apache.kafka.common.security.scram.ScramLoginModule";
  conf = {
    "bootstrap.servers": bootstrapServers.SASL_SSL!,
    "security.protocol": "SASL_SSL",
    "ssl.truststore.type": "PEM",
    "ssl.truststore.location": tls!.caPem,
    "sasl.mechanism": "SCRAM-SHA-512",
    "sasl.jaas.config": `${module} required username="admin" password="admin-secret";`,
    "request.timeout.ms": "10000",
  };
}, 120_000);

afterAll(() => cluster[Symbol.asyncDispose]());

describe("a listener that wants a certificate of the client", () => {
  const listener = (): JavaConf => ({
    "bootstrap.servers": cluster.data.bootstrapServers.SSL!,
    "security.protocol": "SSL",
    "ssl.truststore.type": "PEM",
    "ssl.truststore.location": cluster.data.tls!.caPem,
  });

  async function describeTopics(more: JavaConf): Promise<unknown> {
    const admin = nativeClients.admin(await adminConf({ ...listener(), ...more }), environment);
    const answer = await admin.describeTopics(["none"], unstopped).catch((error) => error);
    await admin.close();
    return answer;
  }

  test("takes one from a PEM, a PKCS12 or a JKS store", async () => {
    const { clientKeystorePem, clientKeystorePkcs12, clientKeystoreJks, password } =
      cluster.data.tls!;
    const stores = { PEM: clientKeystorePem, PKCS12: clientKeystorePkcs12, JKS: clientKeystoreJks };
    for (const [type, location] of Object.entries(stores)) {
      const answer = await describeTopics({
        "ssl.keystore.type": type,
        "ssl.keystore.location": location,
        ...(type === "PEM" ? {} : { "ssl.keystore.password": password }),
      });
      expect(answer).toBeInstanceOf(Map);
    }
  });

  test("refuses a client without one, which says so at once", async () => {
    const beginMs = performance.now();
    expect(await describeTopics({})).toMatchObject({
      code: "SSL_HANDSHAKE_FAILED",
      message: expect.stringContaining("client certificate"),
    });
    expect(performance.now() - beginMs).toBeLessThan(40_000);
  }, 120_000);
});

describe("a producer over TLS with logins that expire", () => {
  let load: SteadyLoad;
  const topic = uniqueName("secured-load");
  const lostConnections: string[] = [];

  beforeAll(async () => {
    const admin = nativeClients.admin(await adminConf(conf), environment);
    const created = newTopic({ name: topic, numPartitions: partitionCount });
    expect(await admin.createTopics([created], unstopped)).toEqual(new Map([[topic, undefined]]));
    await admin.close();
    const log = {
      ...silentLog,
      debug(event: string, fields?: Readonly<Record<string, unknown>>) {
        if (event.startsWith("lost the connection")) lostConnections.push(JSON.stringify(fields));
      },
    };
    const more = { ...conf, "max.in.flight.requests.per.connection": "5", "linger.ms": "1" };
    load = await startSteadyLoad({ topic, partitionCount, ratePerSec, conf: more, log });
  }, 120_000);

  afterAll(() => load[Symbol.asyncDispose]());

  test("logs in again under load without losing a connection", async () => {
    // A broker ends a connection whose login comes late by the stall of a slow machine.
    const lost = await atBest(
      async () => {
        const before = lostConnections.length;
        await load.progressed(recordsOfThreeLives);
        return lostConnections.length - before;
      },
      (count) => count === 0,
    );
    expect(lost).toBe(0);
  }, 120_000);

  test("goes on after a crash of its broker, with each record once and in order", async () => {
    const { name, bootstrapServers } = cluster.data;
    lostConnections.length = 0;
    await killBroker(name, 1);
    await startBroker(name, 1);
    await load.progressed(100);
    await load.stop();
    expect(lostConnections).not.toEqual([]);
    expect(Object.fromEntries(load.failures)).toEqual({});
    const records = await readTopic(bootstrapServers.PLAINTEXT, topic, partitionCount);
    expect(checkLog(load, records)).toEqual({ lost: [], repeated: [], misplaced: [] });
    expect(records).toHaveLength(load.sentCount);
  }, 120_000);
});
