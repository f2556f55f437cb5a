// What every implementation of the Kafka client interface has to do on secured listeners: connect
// with the right settings, and say in one sentence what is wrong with the wrong ones.

import { beforeAll, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { atBest } from "../../../test/support/at-best.ts";
import { describeWith } from "../../../test/support/broker-under-test.ts";
import { type ClusterData, sharedCluster, uniqueName } from "../../../test/support/kafka.ts";
import { type KafkaClients, KafkaError } from "../client.ts";
import { newTopic } from "./new-topic.suite.ts";
import { testConsumer } from "./test-consumer.suite.ts";
import {
  adminConf,
  environment,
  type JavaConf,
  testProducer,
  unstopped,
} from "./test-load.suite.ts";

const plain = "org.apache.kafka.common.security.plain.PlainLoginModule";
const scram = "org.apache.kafka.common.security.scram.ScramLoginModule";

function login(mechanism: string, password = "admin-secret"): JavaConf {
  const module = mechanism === "PLAIN" ? plain : scram;
  return {
    "sasl.mechanism": mechanism,
    "sasl.jaas.config": `${module} required username="admin" password="${password}";`,
  };
}

export interface SecurityConformanceOptions {
  /**
   * Whether a certificate for another host is told apart from one that is not trusted, and accepted
   * with an empty ssl.endpoint.identification.algorithm. The native client lacks this.
   */
  readonly verifiesHostApart: boolean;
}

export function securityConformance(
  clients: KafkaClients,
  options: SecurityConformanceOptions,
): void {
  const name = `the ${clients.library} client on secured listeners`;
  describeWith("listeners that are known", name, () => {
    let cluster: ClusterData;

    beforeAll(async () => {
      cluster = await sharedCluster({ tls: true, sasl: true });
    }, 180_000);

    const listener = (protocol: string): JavaConf => ({
      "security.protocol": protocol,
      "bootstrap.servers": Object.entries(cluster.bootstrapServers).find(
        ([name]) => name === protocol,
      )![1],
    });
    const trusting = (file = cluster.tls!.caPem): JavaConf => ({
      "ssl.truststore.type": "PEM",
      "ssl.truststore.location": file,
    });

    /** Creates a topic, writes one record and reads it in a group. */
    async function use(conf: JavaConf): Promise<void> {
      const topic = uniqueName("secured");
      const admin = clients.admin(await adminConf(conf), environment);
      const created = await admin.createTopics([newTopic({ name: topic })], unstopped);
      await admin.close();
      expect(created).toEqual(new Map([[topic, undefined]]));
      await using load = await testProducer(clients, conf, [{ key: null, value: "v" }]);
      await load.producer.start([topic], unstopped);
      await load.send(topic, 0, 0);
      load.producer.flush();
      await load.producer.settled();
      expect(load.codes()).toEqual(new Map([[0, "ok"]]));
      await using reader = await testConsumer(clients, { ...conf, "group.id": topic });
      await reader.consumer.subscribe([topic], unstopped);
      await reader.until("the record", () => reader.records.length === 1);
    }

    /** The error of a start that has to fail, from the producer and from the admin client alike. */
    async function failure(conf: JavaConf, withinMs = 2_500): Promise<KafkaError> {
      const bound = String(withinMs);
      const bounded = { "max.block.ms": bound, "request.timeout.ms": bound, ...conf };
      const load = await testProducer(clients, bounded, []);
      const error = await load.producer.start(["x"], unstopped).catch((cause: unknown) => cause);
      await load.producer.close(0);
      const { "max.block.ms": _producerOnly, ...shared } = bounded;
      const admin = clients.admin(await adminConf(shared), environment);
      const same = await admin.describeTopics(["x"], unstopped).catch((cause: unknown) => cause);
      await admin.close();
      expect(error).toBeInstanceOf(KafkaError);
      expect(same).toBeInstanceOf(KafkaError);
      expect((same as KafkaError).code).toBe((error as KafkaError).code);
      expect((error as KafkaError).message).not.toMatch(/\n|undefined|\[object/);
      return error as KafkaError;
    }

    test.each(["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"])("logs in with %s", async (mechanism) => {
      await use({ ...listener("SASL_PLAINTEXT"), ...login(mechanism) });
    });

    test("logs in over TLS", async () => {
      await use({ ...listener("SASL_SSL"), ...login("SCRAM-SHA-512"), ...trusting() });
    });

    test("trusts a PKCS12 and a JKS trust store, and shows its own certificate", async () => {
      const { password, truststorePkcs12, truststoreJks, clientKeystoreJks } = cluster.tls!;
      await use({
        ...listener("SSL"),
        "ssl.truststore.type": "PKCS12",
        "ssl.truststore.location": truststorePkcs12,
        "ssl.truststore.password": password,
      });
      await use({
        ...listener("SSL"),
        "ssl.truststore.location": truststoreJks,
        "ssl.truststore.password": password,
        "ssl.keystore.location": clientKeystoreJks,
        "ssl.keystore.password": password,
      });
    });

    test("takes certificates and an encrypted key as texts", async () => {
      const { password, caPem, clientCertificatePem, clientKeyEncryptedPem } = cluster.tls!;
      await use({
        ...listener("SSL"),
        "ssl.truststore.type": "PEM",
        "ssl.truststore.certificates": readFileSync(caPem, "utf8"),
        "ssl.keystore.type": "PEM",
        "ssl.keystore.certificate.chain": readFileSync(clientCertificatePem, "utf8"),
        "ssl.keystore.key": readFileSync(clientKeyEncryptedPem, "utf8"),
        "ssl.key.password": password,
      });
    });

    test.each(["PLAIN", "SCRAM-SHA-256"])(
      "says so when the password for %s is wrong",
      async (mechanism) => {
        const error = await failure({
          ...listener("SASL_PLAINTEXT"),
          ...login(mechanism, "not-it"),
        });
        expect(error.code).toBe("SASL_AUTHENTICATION_FAILED");
        expect(error.message).toContain("localhost:");
        expect(error.message).toMatch(/authentication failed/i);
        expect(error.message).not.toContain("not-it");
      },
    );

    test("says so when the broker's certificate is not trusted", async () => {
      const conf = { ...listener("SSL"), ...trusting(cluster.tls!.strangerCaPem) };
      const error = await failure(conf);
      expect(error.code).toBe("SSL_HANDSHAKE_FAILED");
      expect(error.message).toContain("the broker's certificate is not trusted");
    });

    test("says so when the broker's certificate is for another host", async () => {
      const expected = options.verifiesHostApart
        ? "the broker's certificate is for another host"
        : "the broker's certificate is not trusted";
      using elsewhere = await certificateFor("elsewhere");
      const socket = { data() {} };
      using server = Bun.listen({ hostname: "127.0.0.1", port: 0, tls: elsewhere.tls, socket });
      const servers = { "bootstrap.servers": `localhost:${server.port}` };
      const conf = { ...listener("SSL"), ...trusting(elsewhere.certificateFile), ...servers };
      const error = await failure(conf);
      expect(error.code).toBe("SSL_HANDSHAKE_FAILED");
      expect(error.message).toContain(expected);
      if (!options.verifiesHostApart) return;
      const lax = await failure({ ...conf, "ssl.endpoint.identification.algorithm": "" });
      expect(lax.code).not.toBe("SSL_HANDSHAKE_FAILED");
    }, 30_000);

    test("says so when it speaks plain text to a TLS port", async () => {
      const servers = listener("SSL")["bootstrap.servers"]!;
      const error = await failure({ "bootstrap.servers": servers });
      expect(error.message).toMatch(/TLS/);
      expect(error.message).toContain("security.protocol");
    });

    test("says so when it speaks TLS to a plain-text port", async () => {
      const servers = cluster.bootstrapServers.PLAINTEXT;
      const conf = { ...listener("SSL"), ...trusting(), "bootstrap.servers": servers };
      const error = await failure(conf);
      expect(error.code).toBe("SSL_HANDSHAKE_FAILED");
      expect(error.message).toMatch(/TLS/);
    });

    test("says so when it does not log in where it has to", async () => {
      const servers = listener("SASL_PLAINTEXT")["bootstrap.servers"]!;
      // It is tried again until the time is over, which a busy machine can take for one try.
      const error = await atBest(
        (tryNumber) =>
          failure({ "bootstrap.servers": servers }, 2_500 * tryNumber ** 2).catch((e: Error) => e),
        (found) => found instanceof KafkaError,
      );
      expect(error.message).toContain("the broker closed the connection");
    }, 60_000);
  });
}

/** A self-signed certificate for another host than the tests', in a folder of its own. */
async function certificateFor(host: string) {
  const dir = mkdtempSync(join(tmpdir(), "trogdor-certificate-"));
  const certificateFile = join(dir, "cert.pem");
  const keyFile = join(dir, "key.pem");
  const names = ["-subj", `/CN=${host}`, "-addext", `subjectAltName=DNS:${host}`];
  const files = ["-keyout", keyFile, "-out", certificateFile];
  const request = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"];
  await Bun.$`openssl ${request} ${names} ${files}`.quiet();
  return {
    certificateFile,
    tls: { cert: readFileSync(certificateFile), key: readFileSync(keyFile) },
    [Symbol.dispose]: () => rmSync(dir, { recursive: true }),
  };
}
