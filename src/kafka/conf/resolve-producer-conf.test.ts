// A producer configuration, against what the Java client 4.1 says of the same settings.

import { describe, expect, test } from "bun:test";
import { resolveProducerConf } from "./resolve-producer-conf.ts";

const servers = { "bootstrap.servers": "localhost:9092" };
const paths = ["", "commonClientConf", "producerConf"];

function resolve(producerConf: Record<string, string>, common: Record<string, string> = {}) {
  return resolveProducerConf([servers, common, producerConf], { paths });
}

async function problemsOf(producerConf: Record<string, string>) {
  const { conf, problems } = await resolve(producerConf);
  expect(conf === undefined).toBe(problems.length > 0);
  return problems.map(({ path, message }) => `${path}: ${message}`);
}

describe("resolveProducerConf", () => {
  test("fills in the defaults of the Java client 4.1", async () => {
    expect(await resolve({})).toEqual({
      conf: {
        bootstrapServers: [{ host: "localhost", port: 9092 }],
        clientId: "producer-1",
        tls: undefined,
        sasl: undefined,
        requestTimeoutMs: 30000,
        defaultApiTimeoutMs: 60000,
        connectionSetupTimeoutMs: 10000,
        connectionSetupTimeoutMaxMs: 30000,
        reconnectBackoffMs: 50,
        reconnectBackoffMaxMs: 1000,
        retryBackoffMs: 100,
        retryBackoffMaxMs: 1000,
        metadataMaxAgeMs: 300000,
        acks: -1,
        lingerMs: 5,
        batchSizeBytes: 16384,
        bufferMemoryBytes: 33554432,
        maxInFlight: 5,
        compression: "none",
        compressionLevel: undefined,
        idempotence: true,
        transactionalId: undefined,
        transactionTimeoutMs: 60000,
        deliveryTimeoutMs: 120000,
        maxBlockMs: 60000,
        maxRequestSizeBytes: 1048576,
        retries: 2147483647,
        partitionerIgnoresKeys: false,
      },
      problems: [],
      warnings: [],
    });
  });

  test("lets later layers win and names the layer that is wrong", async () => {
    const { conf } = await resolve({ "linger.ms": " 7 " }, { "linger.ms": "x", "client.id": "c" });
    expect([conf?.lingerMs, conf?.clientId]).toEqual([7, "c"]);
    const { problems } = await resolve({ "linger.ms": "7" }, { "batch.size": "x" });
    expect(problems.map(({ path }) => path)).toEqual(["commonClientConf.batch.size"]);
  });

  test("reports all problems at once, in Java's words", async () => {
    const found = await problemsOf({
      acks: "7",
      "linger.ms": "-1",
      "batch.size": "99999999999",
      "enable.idempotence": "maybe",
      "compression.type": "GZIP",
      "compression.gzip.level": "0",
      "compression.zstd.level": "99",
      "transactional.id": " ",
      "security.protocol": "TLS",
    });
    expect(found).toEqual([
      "producerConf.acks: Invalid value 7 for configuration acks: String must be one of: " +
        "all, -1, 0, 1",
      "producerConf.linger.ms: Invalid value -1 for configuration linger.ms: Value must " +
        "be at least 0",
      "producerConf.batch.size: Invalid value 99999999999 for configuration batch.size: " +
        "Not a number of type INT",
      "producerConf.enable.idempotence: Invalid value maybe for configuration " +
        "enable.idempotence: Expected value to be either true or false",
      "producerConf.compression.type: Invalid value GZIP for configuration " +
        "compression.type: String must be one of: none, gzip, snappy, lz4, zstd",
      "producerConf.compression.gzip.level: Invalid value 0 for configuration " +
        "compression.gzip.level: Value must be between 1 and 9 or equal to -1",
      "producerConf.compression.zstd.level: Invalid value 99 for configuration " +
        "compression.zstd.level: Value must be no more than 22",
      "producerConf.transactional.id: Invalid value   for configuration transactional.id: " +
        "String must be non-empty",
      "producerConf.security.protocol: Invalid value TLS for configuration " +
        "security.protocol: String must be one of (case insensitive): SASL_SSL, PLAINTEXT, " +
        "SSL, SASL_PLAINTEXT",
    ]);
  });

  test.each([
    [{ acks: "1" }, false],
    [{ retries: "0" }, false],
    [{ acks: " all ", "enable.idempotence": " TRUE " }, true],
    [{ "enable.idempotence": "false", "max.in.flight.requests.per.connection": "6" }, false],
    [{ acks: "0", "max.in.flight.requests.per.connection": "6" }, false],
  ])("turns idempotence on or off as Java does: %j -> %p", async (producerConf, expected) => {
    expect((await resolve(producerConf)).conf?.idempotence).toBe(expected);
  });

  test.each([
    [
      { acks: "1", "enable.idempotence": "true" },
      "acks: Must set acks to all in order to use the idempotent producer. Otherwise we " +
        "cannot guarantee idempotence.",
    ],
    [
      { retries: "0", "enable.idempotence": "true" },
      "retries: Must set retries to non-zero when using the idempotent producer.",
    ],
    [
      { "max.in.flight.requests.per.connection": "6" },
      "max.in.flight.requests.per.connection: To use the idempotent producer, " +
        "max.in.flight.requests.per.connection must be set to at most 5. Current value is " +
        "6.",
    ],
    [
      { "transactional.id": "t", "enable.idempotence": "false" },
      "transactional.id: Cannot set a transactional.id without also enabling idempotence.",
    ],
    [
      { "transactional.id": "t", acks: "1" },
      "transactional.id: Cannot set a transactional.id without also enabling idempotence.",
    ],
  ])("refuses what contradicts idempotence: %j", async (producerConf, expected) => {
    expect(await problemsOf(producerConf)).toEqual([`producerConf.${expected}`]);
  });

  test("holds delivery.timeout.ms to its sum only when it was set", async () => {
    expect((await resolve({ "request.timeout.ms": "200000" })).conf?.deliveryTimeoutMs).toBe(
      200005,
    );
    expect(await problemsOf({ "delivery.timeout.ms": "30004" })).toEqual([
      "producerConf.delivery.timeout.ms: delivery.timeout.ms should be equal to or larger " +
        "than linger.ms + request.timeout.ms (30004 is below 30005)",
    ]);
    expect((await resolve({ "delivery.timeout.ms": "30005" })).problems).toEqual([]);
    expect((await resolve({ "linger.ms": "99999999999" })).conf).toMatchObject({
      lingerMs: 2147483647,
      deliveryTimeoutMs: 2147483647,
    });
  });

  test("refuses what would change what is sent, where or how safely", async () => {
    expect(
      await problemsOf({
        "partitioner.class": "org.apache.kafka.clients.producer.RoundRobinPartitioner",
        "interceptor.classes": "a.B",
        "transaction.two.phase.commit.enable": "true",
        "security.providers": "a.B",
        "config.providers": "file",
      }),
    ).toEqual([
      "producerConf.partitioner.class: partitioner.class is not supported: leave it away: " +
        "Java classes cannot run here, the default partitioner is built in",
      "producerConf.interceptor.classes: interceptor.classes is not supported: leave it " +
        "away: Java classes cannot run here",
      "producerConf.transaction.two.phase.commit.enable: " +
        "transaction.two.phase.commit.enable is not supported: leave it away: transactions " +
        "with two-phase commit are not supported",
      "producerConf.security.providers: security.providers is not supported: leave it " +
        "away: Java classes cannot run here",
      "producerConf.config.providers: config.providers is not supported: write the values " +
        "themselves, since nothing is looked up in a provider",
    ]);
    expect(await problemsOf({ "interceptor.classes": " ", "config.providers": "" })).toEqual([]);
  });

  test("warns of keys that change nothing and of unknown ones", async () => {
    const { conf, warnings } = await resolve({
      "send.buffer.bytes": "1000",
      "metric.reporters": "a.B",
      "key.serializer": "org.apache.kafka.common.serialization.StringSerializer",
      "value.serializer": "org.apache.kafka.common.serialization.ByteArraySerializer",
      "linger.sm": "5",
      "ssl.truststore.location": "/nowhere",
      "sasl.mechanism": "OAUTHBEARER",
      "compression.gzip.level": "3",
      "compression.lz4.level": "3",
    });
    expect(conf).toBeDefined();
    expect(warnings).toEqual([
      'producerConf.linger.sm: "linger.sm" is not a known configuration of Kafka\'s ' +
        "producer client",
      "producerConf.send.buffer.bytes: has no effect: the operating system chooses the " +
        "sizes of the socket's buffers",
      "producerConf.metric.reporters: has no effect: this program reports figures in the " +
        "task's status, not through client metrics",
      "producerConf.key.serializer: has no effect: keys and values are always sent as the " +
        "bytes that the generators make",
      "producerConf.ssl.truststore.location: has no effect because security.protocol is PLAINTEXT",
      "producerConf.sasl.mechanism: has no effect because security.protocol is PLAINTEXT",
      "producerConf.compression.lz4.level: has no effect: the lz4 codec here has one " +
        "level, the fast one",
      "producerConf.compression.gzip.level: has no effect because compression.type is none",
    ]);
  });

  test("lets a shared layer hold the keys of other clients, but not misspelt ones", async () => {
    const { warnings } = await resolve({}, { "default.api.timeout.ms": "5", "linger.sm": "5" });
    expect(warnings).toEqual([
      'commonClientConf.linger.sm: "linger.sm" is not a known configuration of Kafka\'s ' +
        "producer client",
    ]);
  });

  test("raises reconnect.backoff.max.ms with a lone reconnect.backoff.ms", async () => {
    expect((await resolve({ "reconnect.backoff.ms": "5000" })).conf).toMatchObject({
      reconnectBackoffMs: 5000,
      reconnectBackoffMaxMs: 5000,
    });
  });

  test("caps retry.backoff.ms at retry.backoff.max.ms and says so", async () => {
    const { conf, warnings } = await resolve({ "retry.backoff.ms": "5000" });
    expect(conf?.retryBackoffMs).toBe(1000);
    expect(warnings).toEqual([
      "producerConf.retry.backoff.ms: retry.backoff.ms (5000) is above " +
        "retry.backoff.max.ms (1000), so every retry waits 1000 ms",
    ]);
  });

  test("takes the level of the compression in use", async () => {
    const { conf } = await resolve({ "compression.type": "zstd", "compression.zstd.level": "-5" });
    expect([conf?.compression, conf?.compressionLevel]).toEqual(["zstd", -5]);
  });

  test("names bootstrapServers when they are missing or wrong", async () => {
    const { problems } = await resolveProducerConf([{}], { paths });
    const wrong = await resolveProducerConf([{ "bootstrap.servers": "a,b:x,c:99999,d:1" }], {
      paths,
    });
    expect(problems.map(({ path }) => path)).toEqual(["bootstrapServers"]);
    expect(wrong.problems).toEqual([
      {
        path: "bootstrapServers",
        message:
          "Invalid url in bootstrap.servers: a (expected host:port, for example " +
          "broker1:9092 or [::1]:9092)",
      },
      {
        path: "bootstrapServers",
        message:
          "Invalid url in bootstrap.servers: b:x (expected host:port, for example " +
          "broker1:9092 or [::1]:9092)",
      },
      {
        path: "bootstrapServers",
        message: "Invalid port in bootstrap.servers: c:99999 (a port is between 1 and 65535)",
      },
    ]);
  });
});
