// A local cluster keeps what scripts/kafka promises about listeners, users, rights and processes.
// The client here is kafkajs, because it shares nothing with the clients under test elsewhere.

import { beforeAll, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { Kafka, type KafkaConfig, logLevel, type SASLOptions } from "kafkajs";
import { ownCluster, sharedCluster, uniqueName } from "../../test/support/kafka.ts";
import {
  clusterStatus,
  killBroker,
  pauseBroker,
  resumeBroker,
  startBroker,
  startCluster,
} from "./cluster.ts";
import type { ClusterData } from "./connection-data.ts";
import { identifyProcess, isAlive, type ProcessIdentity } from "./process-identity.ts";

const START_MS = 120_000;
/** One second, the default, is little on a busy machine. */
const patient = { logLevel: logLevel.NOTHING, connectionTimeout: 20_000 };

async function brokersSeenBy(config: KafkaConfig): Promise<number> {
  const admin = adminOf(config);
  try {
    await admin.connect();
    return (await admin.describeCluster()).brokers.length;
  } finally {
    await admin.disconnect();
  }
}

function adminOf(config: KafkaConfig) {
  const retry = { retries: 0 };
  return new Kafka({ ...patient, retry, ...config }).admin({ retry });
}

function saslOf(mechanism: string, username: string, password: string): SASLOptions {
  const lower = mechanism.toLowerCase() as "plain" | "scram-sha-256" | "scram-sha-512";
  return { mechanism: lower, username, password } as SASLOptions;
}

describe("a cluster with TLS, SASL and rights", () => {
  let data: ClusterData;
  let ca: string;
  beforeAll(async () => {
    data = await sharedCluster({ tls: true, sasl: true, acl: true });
    ca = readFileSync(data.tls?.caPem ?? "", "utf8");
  }, START_MS);

  const brokersOf = (listener: keyof ClusterData["bootstrapServers"]) =>
    (data.bootstrapServers[listener] ?? "").split(",");

  test.each(["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"])(
    "lets %s in, with and without TLS",
    async (mechanism) => {
      const sasl = saslOf(mechanism, "admin", "admin-secret");
      expect(await brokersSeenBy({ brokers: brokersOf("SASL_PLAINTEXT"), sasl })).toBe(1);
      expect(await brokersSeenBy({ brokers: brokersOf("SASL_SSL"), sasl, ssl: { ca } })).toBe(1);
    },
  );

  test.each(["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"])(
    "refuses a wrong password: %s",
    async (mechanism) => {
      const sasl = saslOf(mechanism, "admin", "wrong");
      await expect(brokersSeenBy({ brokers: brokersOf("SASL_PLAINTEXT"), sasl })).rejects.toThrow(
        /auth/i,
      );
    },
  );

  test("shows a certificate for localhost and takes a client's", async () => {
    const cert = readFileSync(data.tls?.clientCertificatePem ?? "", "utf8");
    const key = readFileSync(data.tls?.clientKeyPem ?? "", "utf8");
    const brokers = brokersOf("SSL");
    expect(await brokersSeenBy({ brokers, ssl: { ca } })).toBe(1);
    expect(await brokersSeenBy({ brokers, ssl: { ca, cert, key } })).toBe(1);
  });

  test("is not trusted by a client of another authority", async () => {
    const stranger = readFileSync(data.tls?.strangerCaPem ?? "", "utf8");
    const config = { brokers: brokersOf("SSL"), ssl: { ca: stranger } };
    await expect(brokersSeenBy(config)).rejects.toThrow(/certificate|self.signed|issuer/i);
  });

  test("gives the limited user no right to create a topic", async () => {
    const sasl = saslOf("PLAIN", "limited", "limited-secret");
    const admin = adminOf({ brokers: brokersOf("SASL_PLAINTEXT"), sasl });
    await admin.connect();
    const topics = [{ topic: uniqueName("forbidden") }];
    const refusal = await admin.createTopics({ topics }).catch((error: unknown) => error);
    await admin.disconnect();
    expect(JSON.stringify(refusal)).toMatch(/TOPIC_AUTHORIZATION_FAILED/);
  });
});

describe("a cluster's processes", () => {
  test(
    "are the same after a repeated start, and come and go one by one",
    async () => {
      await using cluster = await ownCluster({ brokers: 3 });
      const { name } = cluster.data;
      const pids = cluster.data.brokers.map((broker) => broker.pid);
      const request = { name, brokers: 3, port: "auto", heap: "400m", fastJvm: true } as const;
      const again = await startCluster(request);
      expect(again.wasRunning).toBe(true);
      expect(again.data.brokers.map((broker) => broker.pid)).toEqual(pids);
      await expect(startCluster({ ...request, sasl: true })).rejects.toThrow(
        /sasl is false, asked for/,
      );

      expect((await pauseBroker(name, 2)).brokers[1]?.state).toBe("paused");
      expect((await resumeBroker(name, 2)).brokers[1]?.state).toBe("running");
      const killed = identifyProcess(pids[2] ?? 0) as ProcessIdentity;
      expect((await killBroker(name, 3)).brokers[2]?.state).toBe("stopped");
      expect(isAlive(killed)).toBe(false);
      const restarted = await startBroker(name, 3);
      expect(restarted.brokers.map((broker) => broker.state)).toEqual(Array(3).fill("running"));
      expect(restarted.brokers[2]?.pid).not.toBe(pids[2]);
    },
    START_MS,
  );

  test(
    "are gone with their folder when the cluster is disposed of, on Kafka 3.9 too",
    async () => {
      let data: ClusterData;
      let broker: ProcessIdentity;
      {
        await using cluster = await ownCluster({ version: "3.9.1" });
        data = cluster.data;
        broker = identifyProcess(data.brokers[0]?.pid ?? 0) as ProcessIdentity;
        expect(await brokersSeenBy({ brokers: [data.bootstrapServers.PLAINTEXT] })).toBe(1);
      }
      expect(await clusterStatus(data.name)).toBeUndefined();
      expect(isAlive(broker)).toBe(false);
    },
    START_MS,
  );
});
