// ConnectionStress: its schedule, counts and ends with scripted connections in simulated time, and
// everything that is refused.

import { describe, expect, test } from "bun:test";
import * as v from "valibot";
import { type ContextOptions, testedContext } from "../../../../test/support/worker-context.ts";
import { KafkaError } from "../../../kafka/client.ts";
import { checkConnectionStress } from "./check.ts";
import { connectionStress } from "./index.ts";
import { connectionStressProgress, connectionStressResult } from "./result.ts";
import { connectionStressSchema } from "./spec.ts";
import { runConnectionStress } from "./worker.ts";

function parse(fields: object) {
  return v.parse(connectionStressSchema, {
    class: "ConnectionStress",
    bootstrapServers: "localhost:9092",
    ...fields,
  });
}

interface Scenario extends ContextOptions {
  readonly spec?: object;
  readonly takesMs?: number;
  /** How long the broker takes to close its side. */
  readonly goneAfterMs?: number;
  /** How attempt number n fails. */
  fails?(attempt: number): Error | undefined;
}

async function run(scenario: Scenario = {}) {
  const { context, clock, statuses, status } = testedContext({
    endMs: 10_000,
    endReason: "expired",
    ...scenario,
  });
  let attempts = 0;
  let underWay = 0;
  let mostUnderWay = 0;
  const attempt = async (signal: AbortSignal) => {
    const failure = scenario.fails?.(attempts++);
    underWay += 1;
    mostUnderWay = Math.max(mostUnderWay, underWay);
    await clock.sleep(scenario.takesMs ?? 1, signal);
    underWay -= 1;
    if (failure !== undefined) throw failure;
    if (scenario.goneAfterMs === undefined) return undefined;
    return { gone: clock.sleep(scenario.goneAfterMs, signal) };
  };
  const error = await runConnectionStress(parse(scenario.spec ?? {}), context, attempt).then(
    () => undefined,
    (reason: Error) => reason.message,
  );
  return { statuses, status, error, mostUnderWay };
}

describe("ConnectionStress", () => {
  test.each([
    [{ targetConnectionsPerSec: 19 }, 190],
    [{ targetConnectionsPerSec: 20, numThreads: 10 }, 200],
    [{ targetConnectionsPerSec: 0 }, 100],
    [{ targetConnectionsPerSec: 0, numThreads: 3 }, 300],
  ])("with %j makes %d connections in ten seconds", async (spec, expected) => {
    const { status, error } = await run({ spec });
    expect(error).toBeUndefined();
    expect(status()).toMatchObject({ totalFailedConnections: 0, rateReached: true });
    expect(status()["totalConnections"] as number).toBeWithin(expected - 1, expected + 2);
  });

  test("makes as many at a time as it has threads, and shows what came late", async () => {
    const spec = { targetConnectionsPerSec: 100, numThreads: 2 };
    const { status, mostUnderWay } = await run({ spec, takesMs: 100 });
    expect(mostUnderWay).toBe(2);
    expect(status()).toMatchObject({ rateReached: false, intendedConnectsPerSec: 100 });
    expect(status()["connectsPerSec"] as number).toBeWithin(19, 20.5);
    const { corrected, service } = status()["latencyUs"] as Record<string, { max: number }>;
    expect(service!.max).toBe(100_000);
    expect(corrected!.max).toBeGreaterThan(7_000_000);
  });

  test("waits until a connection is gone before its thread makes the next", async () => {
    const spec = { targetConnectionsPerSec: 100, numThreads: 2 };
    const { status } = await run({ spec, takesMs: 1, goneAfterMs: 99 });
    expect(status()["connectsPerSec"] as number).toBeWithin(19, 20.5);
    const { service } = status()["latencyUs"] as Record<string, { max: number }>;
    expect(service!.max).toBe(1000);
  });

  test("counts failures among the connections, by code, and in no latency", async () => {
    const refused = new KafkaError("NETWORK_EXCEPTION", "refused", true);
    const { status, error } = await run({
      spec: { targetConnectionsPerSec: 10 },
      fails: (attempt) => (attempt % 2 === 0 ? refused : undefined),
    });
    expect(error).toBeUndefined();
    const { totalConnections, totalFailedConnections, errors } = status();
    expect(totalConnections as number).toBeWithin(99, 102);
    expect(errors).toEqual({ NETWORK_EXCEPTION: totalFailedConnections });
    const { service } = status()["latencyUs"] as Record<string, { count: number }>;
    expect(service!.count).toBe((totalConnections as number) - (totalFailedConnections as number));
  });

  test("fails with the last cause when no connection could be made", async () => {
    const refused = new KafkaError("NETWORK_EXCEPTION", "b:1: refused", true);
    const { error, status } = await run({ fails: () => refused });
    expect(error).toBe("durationMs was over before a connection was made: b:1: refused");
    expect(status()["endReason"]).toBe("failed");
  });

  test("fails at once with what is no failure of a connection", async () => {
    const { error } = await run({ fails: () => new Error("cannot be built") });
    expect(error).toBe("cannot be built");
  });

  test("is no failure when a person stops it, and cuts short what is under way", async () => {
    const { error, status } = await run({ takesMs: 60_000, endMs: 500, endReason: "stopped" });
    expect([error, status()["endReason"]]).toEqual([undefined, "stopped"]);
  });

  test("reports every second, the reference's fields first", async () => {
    const { statuses } = await run({ spec: { targetConnectionsPerSec: 10 } });
    expect(statuses.length).toBe(11);
    expect(Object.keys(statuses[0] as object).slice(0, 3)).toEqual([
      "totalConnections",
      "totalFailedConnections",
      "connectsPerSec",
    ]);
  });

  test("tells its progress and its result", async () => {
    const { status } = await run({ spec: { targetConnectionsPerSec: 10 } });
    expect(connectionStressProgress(status() as never)).toMatchObject({ intendedPerSec: 10 });
    expect(connectionStressResult(status() as never)?.figures[0]).toMatchObject({
      label: "connections",
      unit: "connections",
    });
    expect(connectionStressResult(null)).toBeUndefined();
  });
});

describe("ConnectionStress's spec", () => {
  test("runs on each of its nodes", () => {
    const nodes = { nodes: new Map() };
    expect(connectionStress.targetNodes(parse({ clientNode: "a" }), nodes)).toEqual(["a"]);
    expect(connectionStress.targetNodes(parse({ clientNode: ["a", "b"] }), nodes)).toEqual([
      "a",
      "b",
    ]);
  });

  test.each<[object, string, string]>([
    [{ bootstrapServers: "" }, "bootstrapServers", "is empty: expected Kafka's brokers"],
    [{ targetConnectionsPerSec: -1 }, "targetConnectionsPerSec", "expected 0 (which means 10 a"],
    [{ numThreads: 10_001 }, "numThreads", "expected 1 to 10000 threads, found 10001"],
    [
      { commonClientConf: { "security.protocol": "X" } },
      "commonClientConf.security.protocol",
      "Invalid value X",
    ],
  ])("with %j is refused", async (fields, path, message) => {
    const problems = await checkConnectionStress(parse(fields));
    expect(problems.map((problem) => problem.path)).toEqual([path]);
    expect(problems[0]!.message).toStartWith(message);
  });
});
