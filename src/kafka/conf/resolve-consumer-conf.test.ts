// A consumer configuration, against what the Java client 4.1 says of the same settings.

import { describe, expect, test } from "bun:test";
import { isoDurationMs } from "./iso-duration.ts";
import { resolveConsumerConf } from "./resolve-consumer-conf.ts";

const servers = { "bootstrap.servers": "localhost:9092" };
const paths = ["", "commonClientConf", "consumerConf"];
const java = "org.apache.kafka.clients.consumer";

function resolve(consumerConf: Record<string, string>, common: Record<string, string> = {}) {
  return resolveConsumerConf([servers, common, consumerConf], { paths });
}

async function problemsOf(consumerConf: Record<string, string>) {
  const { conf, problems } = await resolve(consumerConf);
  expect(conf === undefined).toBe(problems.length > 0);
  return problems.map(({ path, message }) => `${path}: ${message}`);
}

describe("resolveConsumerConf", () => {
  test("fills in the defaults of the Java client 4.1", async () => {
    expect(await resolve({ "group.id": "g" })).toEqual({
      conf: {
        bootstrapServers: [{ host: "localhost", port: 9092 }],
        clientId: "consumer-g-1",
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
        groupId: "g",
        groupProtocol: "classic",
        groupInstanceId: undefined,
        remoteAssignor: undefined,
        assignors: ["range", "cooperative-sticky"],
        sessionTimeoutMs: 45000,
        heartbeatIntervalMs: 3000,
        maxPollIntervalMs: 300000,
        maxPollRecords: 500,
        autoCommit: true,
        autoCommitIntervalMs: 5000,
        offsetReset: "latest",
        readCommitted: false,
        checkCrcs: true,
        fetchMinBytes: 1,
        fetchMaxBytes: 52428800,
        maxPartitionFetchBytes: 1048576,
        fetchMaxWaitMs: 500,
        allowAutoCreateTopics: true,
        clientRack: "",
      },
      problems: [],
      warnings: [],
    });
  });

  test("commits nothing without a group", async () => {
    const { conf, problems } = await resolve({});
    expect([problems, conf?.groupId, conf?.autoCommit]).toEqual([[], undefined, false]);
    expect(await problemsOf({ "enable.auto.commit": "true" })).toEqual([
      "consumerConf.enable.auto.commit: enable.auto.commit cannot be set to true when default " +
        "group id (null) is used.",
    ]);
  });

  test("reports all problems at once, in Java's words", async () => {
    const found = await problemsOf({
      "group.id": " ",
      "group.instance.id": "a/b",
      "auto.offset.reset": "EARLIEST",
      "isolation.level": "READ_COMMITTED",
      "max.poll.records": "0",
      "group.remote.assignor": "range",
      "heartbeat.interval.ms": "50000",
      "interceptor.classes": "com.example.X",
      "partition.assignment.strategy": `com.example.BestAssignor`,
    });
    expect(found.sort()).toEqual(
      [
        "consumerConf.isolation.level: Invalid value READ_COMMITTED for configuration " +
          "isolation.level: String must be one of: read_committed, read_uncommitted",
        "consumerConf.max.poll.records: Invalid value 0 for configuration max.poll.records: " +
          "Value must be at least 1",
        "consumerConf.interceptor.classes: interceptor.classes is not supported: leave it away: " +
          "Java classes cannot run here",
        "consumerConf.group.id: The configured group.id should not be an empty string or " +
          "whitespace.",
        "consumerConf.group.instance.id: Group instance id is invalid: 'a/b' contains one or " +
          "more characters other than ASCII alphanumerics, '.', '_' and '-', or is longer than " +
          "249 characters",
        "consumerConf.partition.assignment.strategy: com.example.BestAssignor is not supported: " +
          `use one or more of ${java}.RangeAssignor, ${java}.RoundRobinAssignor, ` +
          `${java}.StickyAssignor, ${java}.CooperativeStickyAssignor`,
        "consumerConf.auto.offset.reset: Invalid value `EARLIEST` for configuration " +
          "auto.offset.reset. The value must be either 'earliest', 'latest', 'none' or of the " +
          "format 'by_duration:<PnDTnHnMn.nS.>'.",
        "consumerConf.group.remote.assignor: group.remote.assignor cannot be set when " +
          "group.protocol=CLASSIC",
        "consumerConf.heartbeat.interval.ms: Heartbeat must be set lower than the session " +
          "timeout (50000 is not below 45000)",
      ].sort(),
    );
  });

  test("refuses settings of the classic protocol with group.protocol=consumer", async () => {
    const consumer = { "group.id": "g", "group.protocol": "Consumer" };
    const { conf } = await resolve({ ...consumer, "group.remote.assignor": "uniform" });
    expect([conf?.groupProtocol, conf?.remoteAssignor]).toEqual(["consumer", "uniform"]);
    expect(await problemsOf({ ...consumer, "session.timeout.ms": "10000" })).toEqual([
      "consumerConf.session.timeout.ms: session.timeout.ms cannot be set when " +
        "group.protocol=CONSUMER",
    ]);
  });

  test("reads assignors in their order and durations of auto.offset.reset", async () => {
    const { conf } = await resolve({
      "partition.assignment.strategy": `${java}.RoundRobinAssignor, ${java}.RangeAssignor`,
      "auto.offset.reset": "by_duration:PT1H30M",
    });
    expect(conf?.assignors).toEqual(["roundrobin", "range"]);
    expect(conf?.offsetReset).toEqual({ byDurationMs: 90 * 60_000 });
  });

  test("warns of keys that change nothing, and of keys that nobody knows", async () => {
    const { conf, warnings } = await resolve(
      { "receive.buffer.bytes": "1", "no.such": "1", "linger.ms": "3" },
      { acks: "all" },
    );
    expect(conf).toBeDefined();
    expect(warnings).toHaveLength(3);
    expect(warnings.join()).toContain("no.such");
    expect(warnings.join()).toContain("linger.ms");
  });
});

describe("isoDurationMs", () => {
  test.each([
    ["PT1S", 1000],
    ["PT0.5S", 500],
    ["P1D", 86_400_000],
    ["P1DT2H3M4S", 93_784_000],
    ["pt15m", 900_000],
  ])("reads %s", (text, expected) => {
    expect(isoDurationMs(text)).toBe(expected);
  });

  test.each(["", "P", "PT", "1h", "-PT1H", "PT-1H", "P1Y", "P1DT", "PT1H2"])(
    "knows no duration %p",
    (text) => {
      expect(isoDurationMs(text)).toBeUndefined();
    },
  );
});
