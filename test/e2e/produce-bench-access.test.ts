// What ProduceBench says to a wrong password, a certificate that it must not trust, a listener of
// another kind, and missing rights: at once, in one sentence, and never as a success.

import { beforeAll, describe, expect, test } from "bun:test";
import { type ClusterData, sharedCluster, uniqueName } from "../support/kafka.ts";
import { runProduceBench } from "./run-produce-bench.ts";

let cluster: ClusterData;

beforeAll(async () => {
  cluster = await sharedCluster({ tls: true, acl: true });
}, 120_000);

type Listener = keyof ClusterData["bootstrapServers"];

function run(commonClientConf: Record<string, string>, listener: Listener) {
  return runProduceBench({
    bootstrapServers: cluster.bootstrapServers[listener],
    targetMessagesPerSec: 1_000,
    maxMessages: 100,
    activeTopics: { [uniqueName("access")]: { numPartitions: 1, replicationFactor: 1 } },
    commonClientConf,
  });
}

function sasl(username: string, password: string, protocol = "SASL_PLAINTEXT") {
  return {
    "security.protocol": protocol,
    "sasl.mechanism": "SCRAM-SHA-256",
    "sasl.jaas.config":
      "org.apache.kafka.common.security.scram.ScramLoginModule required " +
      `username="${username}" password="${password}";`,
  };
}

function trusting(caPem: string) {
  return { "ssl.truststore.type": "PEM", "ssl.truststore.location": caPem };
}

describe("ProduceBench's access", () => {
  test("is given by the right password over TLS", async () => {
    const conf = { ...sasl("admin", "admin-secret", "SASL_SSL"), ...trusting(cluster.tls!.caPem) };
    const { error, status } = await run(conf, "SASL_SSL");
    expect(error).toBeUndefined();
    expect(status).toMatchObject({ acknowledged: 100 });
  });

  test("is refused for a wrong password", async () => {
    const { error, tookMs } = await run(sasl("admin", "wrong"), "SASL_PLAINTEXT");
    expect(error?.message).toMatch(/authentication failed/i);
    expect(tookMs).toBeLessThan(5_000);
  });

  test("is refused by the client for a certificate of a stranger", async () => {
    const conf = { "security.protocol": "SSL", ...trusting(cluster.tls!.strangerCaPem) };
    const { error, tookMs } = await run(conf, "SSL");
    expect(error?.message).toMatch(/certificate/i);
    expect(tookMs).toBeLessThan(5_000);
  });

  test("fails clearly where TLS meets a plain listener", async () => {
    const conf = { "security.protocol": "SSL", ...trusting(cluster.tls!.caPem) };
    const { error, tookMs } = await run(conf, "PLAINTEXT");
    expect(error?.message).toMatch(/TLS|SSL/);
    expect(tookMs).toBeLessThan(30_000);
  }, 40_000);

  test("names the topic that the user may not create", async () => {
    const { error, tookMs } = await run(sasl("limited", "limited-secret"), "SASL_PLAINTEXT");
    expect(error?.message).toMatch(/authoriz/i);
    expect(error?.message).toContain("creating topic access-");
    expect(tookMs).toBeLessThan(5_000);
  });
});
