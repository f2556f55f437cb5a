// What a configuration is told about kafkajs before it is used, and that it is not used in spite of
// it.

import { describe, expect, test } from "bun:test";
import { consumerConf } from "../conformance/test-consumer.suite.ts";
import { environment, producerConf, sourceOf, unstopped } from "../conformance/test-load.suite.ts";
import { kafkajsClients } from "./clients.ts";
import { kafkajsLimits } from "./limits.ts";

const limitsOf = async (settings: Record<string, string>) =>
  kafkajsLimits(await producerConf({ "bootstrap.servers": "b:1", ...settings }));

describe("kafkajsLimits", () => {
  test("has nothing to say of the defaults", async () => {
    expect(await limitsOf({})).toEqual({ problems: [], warnings: [] });
  });

  test.each(["snappy", "lz4", "zstd"])("refuses compression.type %s", async (type) => {
    expect((await limitsOf({ "compression.type": type })).problems).toEqual([
      {
        path: "clientLibrary",
        message:
          `kafkajs has no codec for compression.type ${type}, only none and gzip; ` +
          'use "clientLibrary": "native"',
      },
    ]);
  });

  test("refuses IPv6 addresses", async () => {
    const { problems } = await limitsOf({ "bootstrap.servers": "[::1]:9092" });
    expect(problems.map(({ message }) => message)).toEqual([
      "kafkajs cannot connect to the IPv6 address ::1 in bootstrap.servers; " +
        'use "clientLibrary": "native"',
    ]);
  });

  test("warns of settings that kafkajs does not have", async () => {
    const { problems, warnings } = await limitsOf({
      "compression.type": "gzip",
      "compression.gzip.level": "3",
      "max.in.flight.requests.per.connection": "3",
      "reconnect.backoff.ms": "70",
    });
    expect(problems).toEqual([]);
    expect(warnings).toEqual([
      "clientLibrary: kafkajs has no reconnect.backoff.ms, so 70 has no effect",
      "clientLibrary: kafkajs has no reconnect.backoff.max.ms, so 70 has no effect",
      "clientLibrary: kafkajs has no compression.gzip.level, so 3 has no effect",
      "clientLibrary: kafkajs sends one request at a time to a broker with enable.idempotence, " +
        "so max.in.flight.requests.per.connection 3 has no effect",
    ]);
  });
});

describe("kafkajsLimits of a consumer", () => {
  const of = async (settings: Record<string, string>) =>
    kafkajsLimits(await consumerConf({ "bootstrap.servers": "b:1", "group.id": "g", ...settings }));

  test("warns that no checksums are verified", async () => {
    const warning = "clientLibrary: kafkajs verifies no checksums, so check.crcs has no effect";
    expect(await of({})).toEqual({ problems: [], warnings: [warning] });
    expect(await of({ "check.crcs": "false" })).toEqual({ problems: [], warnings: [] });
  });

  test.each([
    [{ "group.protocol": "consumer" }, "only the classic group protocol"],
    [{ "group.instance.id": "i" }, "no static membership"],
    [{ "auto.offset.reset": "none" }, "no auto.offset.reset but earliest and latest"],
    ...["StickyAssignor", "CooperativeStickyAssignor"].map((name): [object, string] => [
      { "partition.assignment.strategy": `org.apache.kafka.clients.consumer.${name}` },
      "no sticky assignor",
    ]),
  ])("refuses %j", async (settings, text) => {
    const { problems } = await of(settings as Record<string, string>);
    expect(problems.map(({ message }) => message).join()).toContain(text);
  });
});

describe("the kafkajs producer", () => {
  test("does not start with what kafkajs cannot do", async () => {
    const conf = await producerConf({ "bootstrap.servers": "b:1", "compression.type": "zstd" });
    const producer = kafkajsClients.producer(conf, sourceOf([]), environment);
    await expect(producer.start(["x"], unstopped)).rejects.toThrow("compression.type zstd");
    await producer.close(0);
  });
});
