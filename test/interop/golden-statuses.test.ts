// Every field of the Java Trogdor's last statuses (test/golden/statuses.golden.json) is in ours,
// with a value of the same JSON type.

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { adminConf, environment, unstopped } from "../../src/kafka/conformance/test-load.suite.ts";
import { nativeClients } from "../../src/kafka/native/clients.ts";
import { silentLog } from "../../src/platform/log/log.ts";
import { realNativePrograms } from "../../src/platform/native-programs/real-native-programs.ts";
import { realProcesses } from "../../src/platform/processes/real-processes.ts";
import { runWorkload, type StatusRecord } from "../e2e/run-workload.ts";
import golden from "../golden/statuses.golden.json";
import { sharedCluster } from "../support/kafka.ts";
import { shareGroup, statusSpecs } from "./status-specs.ts";

const recorded: Readonly<Record<string, unknown>> = golden;
/** These do not end by themselves: they are stopped as soon as they have figures. */
const endless = ["ConnectionStress", "SustainedConnection", "ConfigurableProducer", "NoOpTask"];

const processes = realProcesses({ nativePrograms: realNativePrograms(), log: silentLog });
let servers = "";

afterAll(() => processes.close());

beforeAll(async () => {
  const cluster = await sharedCluster({ features: { "share.version": "1" } });
  servers = cluster.bootstrapServers.PLAINTEXT;
  const groups = nativeClients.groupAdmin(
    await adminConf({ "bootstrap.servers": servers }),
    environment,
  );
  const earliest = new Map([["share.auto.offset.reset", "earliest"]]);
  await groups.alterGroupConfigs(shareGroup, earliest, unstopped);
  await groups.close();
}, 120_000);

/** Where a status lacks what the other has, or has it with another type. */
function differences(expected: unknown, actual: unknown, path = ""): string[] {
  if (typeOf(expected) !== typeOf(actual)) {
    return [`${path}: expected ${typeOf(expected)}, found ${typeOf(actual)}`];
  }
  if (Array.isArray(expected)) {
    const [first] = expected;
    return (actual as unknown[]).flatMap((each, at) => differences(first, each, `${path}[${at}]`));
  }
  if (typeOf(expected) !== "object") return [];
  return Object.entries(expected as StatusRecord).flatMap(([name, value]) =>
    differences(value, (actual as StatusRecord)[name], `${path}.${name}`),
  );
}

function typeOf(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : typeof value;
}

describe("a status, next to the reference's", () => {
  test.each(statusSpecs("").map(({ name }) => name))(
    "has every field of %s",
    async (name) => {
      const { spec } = statusSpecs(servers).find((each) => each.name === name)!;
      const { error, status } = await runWorkload(spec, {
        processes,
        onStatus: (status) =>
          endless.includes(name) && (typeof status === "object" || status === "active")
            ? "stopped"
            : undefined,
      });
      expect(error).toBeUndefined();
      expect(recorded[name]).toBeDefined();
      expect(differences(recorded[name], status)).toEqual([]);
    },
    120_000,
  );

  test("was recorded for each of these workloads", () => {
    expect(Object.keys(recorded).sort()).toEqual(
      statusSpecs("")
        .map(({ name }) => name)
        .sort(),
    );
  });

  test("is told apart from one that lacks a field or has another type", () => {
    const java = { a: 1, b: { c: ["x"] } };
    expect(differences(java, { a: 2.5, b: { c: [] }, d: 1 })).toEqual([]);
    expect(differences(java, { a: "1", b: {} })).toEqual([
      ".a: expected number, found string",
      ".b.c: expected array, found undefined",
    ]);
  });
});
