// ConnectionStress against a real broker, plain, encrypted and with a password, and without one.

import { beforeAll, describe, expect, test } from "bun:test";
import { atBest } from "../support/at-best.ts";
import { sharedCluster } from "../support/kafka.ts";
import { runWorkload } from "./run-workload.ts";

let servers = "";

beforeAll(async () => {
  servers = (await sharedCluster()).bootstrapServers.PLAINTEXT;
}, 120_000);

function run(fields: Record<string, unknown>) {
  return runWorkload({
    class: "ConnectionStress",
    bootstrapServers: servers,
    targetConnectionsPerSec: 100,
    numThreads: 4,
    durationMs: 2_000,
    ...fields,
  });
}

describe("ConnectionStress", () => {
  test.each(["CONNECT", "FETCH_METADATA"])(
    "keeps its rate with %s",
    async (action) => {
      const { status, error, histograms } = await atBest(
        () => run({ action }),
        (one) => one.status["rateReached"] === true,
      );
      expect(error).toBeUndefined();
      expect(status).toMatchObject({
        totalFailedConnections: 0,
        rateReached: true,
        errors: {},
        endReason: "expired",
      });
      expect(status["connectsPerSec"] as number).toBeWithin(92, 105);
      expect([...histograms.keys()]).toEqual(["corrected", "service"]);
    },
    120_000,
  );

  test.each(["CONNECT", "FETCH_METADATA"])(
    "counts what fails with %s, and fails when all did",
    async (action) => {
      const { status, error } = await run({
        action,
        bootstrapServers: "localhost:1",
        commonClientConf: { "request.timeout.ms": "300", "default.api.timeout.ms": "300" },
      });
      expect(error?.message).toStartWith("durationMs was over before a connection was made: ");
      expect(error?.message).toMatch(/(?:localhost|127\.0\.0\.1|::1):1/);
      expect(status["totalConnections"] as number).toBeGreaterThan(0);
      expect(status["totalFailedConnections"]).toBe(status["totalConnections"]);
    },
    120_000,
  );

  test("does not take a broker that keeps silent for a connection with a password", async () => {
    using listener = Bun.listen({
      hostname: "localhost",
      port: 0,
      socket: { data() {}, open() {}, close() {} },
    });
    const jaas =
      'org.apache.kafka.common.security.plain.PlainLoginModule required username="a" password="b";';
    const { status, error } = await run({
      bootstrapServers: `localhost:${listener.port}`,
      commonClientConf: {
        "security.protocol": "SASL_PLAINTEXT",
        "sasl.mechanism": "PLAIN",
        "sasl.jaas.config": jaas,
      },
    });
    expect(error?.message).toContain("before a connection was made");
    expect(status["totalFailedConnections"]).toBe(status["totalConnections"]);
  }, 120_000);
});
