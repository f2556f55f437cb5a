// SustainedConnection: turns, counts and ends with scripted clients in simulated time, and
// everything that is refused.

import { describe, expect, test } from "bun:test";
import * as v from "valibot";
import { type ContextOptions, testedContext } from "../../../../test/support/worker-context.ts";
import { KafkaError } from "../../../kafka/client.ts";
import { checkSustainedConnection } from "./check.ts";
import type { ConnectionKind } from "./connections.ts";
import { sustainedConnectionProgress, sustainedConnectionResult } from "./result.ts";
import { sustainedConnectionSchema } from "./spec.ts";
import { runSustainedConnection } from "./worker.ts";

function parse(fields: object) {
  return v.parse(sustainedConnectionSchema, {
    class: "SustainedConnection",
    bootstrapServers: "localhost:9092",
    topicName: "foo",
    keyGenerator: { type: "null" },
    valueGenerator: { type: "null" },
    refreshRateMs: 1000,
    ...fields,
  });
}

interface Scenario extends ContextOptions {
  readonly spec?: object;
  readonly takesMs?: number;
  /** How the refresh with this number of its client fails; number 0 is the opening. */
  fails?(kind: ConnectionKind, refresh: number): Error | undefined;
}

async function run(scenario: Scenario = {}) {
  const { context, clock, statuses, histograms, status } = testedContext({
    endMs: 10_500,
    endReason: "expired",
    ...scenario,
  });
  const opened: ConnectionKind[] = [];
  let open = 0;
  let underWay = 0;
  let mostUnderWay = 0;
  const openClient = async (kind: ConnectionKind) => {
    const failure = scenario.fails?.(kind, 0);
    if (failure !== undefined) throw failure;
    opened.push(kind);
    open += 1;
    let refreshes = 0;
    return {
      async refresh() {
        refreshes += 1;
        underWay += 1;
        mostUnderWay = Math.max(mostUnderWay, underWay);
        await clock.sleep(scenario.takesMs ?? 0, context.signal);
        underWay -= 1;
        const refreshFailure = scenario.fails?.(kind, refreshes);
        if (refreshFailure !== undefined) throw refreshFailure;
      },
      async close() {
        open -= 1;
      },
    };
  };
  const spec = parse(scenario.spec ?? {});
  const error = await runSustainedConnection(spec, context, openClient).then(
    () => undefined,
    (reason: Error) => reason.message,
  );
  return { statuses, histograms, status, error, opened, mostUnderWay, leftOpen: open };
}

const lost = new KafkaError("NETWORK_EXCEPTION", "b:1: connection lost", true);
const ten = { producerConnectionCount: 3, consumerConnectionCount: 3, metadataConnectionCount: 4 };

describe("SustainedConnection", () => {
  test("opens each client once and refreshes it at its interval", async () => {
    const { status, opened, leftOpen, error } = await run({ spec: ten });
    expect(error).toBeUndefined();
    expect(opened.length).toBe(10);
    expect(status()).toMatchObject({
      totalProducerConnections: 3,
      totalProducerFailedConnections: 0,
      totalConsumerConnections: 3,
      totalMetadataConnections: 4,
      totalAbortedThreads: 0,
      refreshes: { producer: 33, consumer: 33, metadata: 44 },
      errors: {},
      endReason: "expired",
    });
    expect(leftOpen).toBe(0);
  });

  test("has the reference's fields first, and reports every second", async () => {
    const { statuses, histograms } = await run({ spec: ten });
    expect(Object.keys(statuses[0] as object).slice(0, 8)).toEqual([
      "totalProducerConnections",
      "totalProducerFailedConnections",
      "totalConsumerConnections",
      "totalConsumerFailedConnections",
      "totalMetadataConnections",
      "totalMetadataFailedConnections",
      "totalAbortedThreads",
      "updatedMs",
    ]);
    expect(statuses.length).toBe(12);
    expect([...histograms.keys()]).toEqual([
      "producerRefresh",
      "consumerRefresh",
      "metadataRefresh",
    ]);
  });

  test("refreshes as many at a time as it has threads, and passes no kind over", async () => {
    const spec = { ...ten, numThreads: 2, refreshRateMs: 1 };
    const { status, mostUnderWay } = await run({ spec, takesMs: 100 });
    expect(mostUnderWay).toBe(2);
    const { producer, consumer, metadata } = status()["refreshes"] as Record<string, number>;
    expect(producer! / 3).toBeCloseTo(consumer! / 3, -1);
    expect(metadata! / 4).toBeWithin(producer! / 3 - 2, producer! / 3 + 2);
  });

  test("closes a client that fails, counts it, and opens it anew", async () => {
    const { status, opened, leftOpen, error } = await run({
      spec: { metadataConnectionCount: 1 },
      fails: (_, refresh) => (refresh === 2 ? lost : undefined),
    });
    expect(error).toBeUndefined();
    expect(opened.length).toBeGreaterThan(4);
    expect(status()).toMatchObject({
      totalMetadataFailedConnections: 5,
      refreshes: { metadata: 6 },
      errors: { NETWORK_EXCEPTION: 5 },
    });
    expect(leftOpen).toBe(0);
  });

  test("fails with the last cause when no connection was ever used", async () => {
    const { status, error } = await run({ spec: ten, fails: () => lost });
    expect(error).toBe("durationMs was over before a connection was used: b:1: connection lost");
    expect(status()).toMatchObject({ totalProducerConnections: 0, endReason: "failed" });
    expect(status()["totalProducerFailedConnections"] as number).toBeGreaterThan(20);
  });

  test("succeeds when none is asked for, or a person stops it", async () => {
    expect((await run()).error).toBeUndefined();
    const stopped = await run({ spec: ten, fails: () => lost, endReason: "stopped" });
    expect([stopped.error, stopped.status()["endReason"]]).toEqual([undefined, "stopped"]);
  });

  test("fails at once with what is no failure of a connection", async () => {
    const { error } = await run({ spec: ten, fails: () => new Error("cannot be") });
    expect(error).toBe("cannot be");
  });

  test("tells its progress and its result", async () => {
    const { status } = await run({ spec: ten });
    expect(sustainedConnectionProgress(status() as never)).toEqual({
      phase: "10 connections",
      errors: 0,
    });
    expect(sustainedConnectionResult(status() as never)?.figures[0]).toEqual({
      label: "producer open",
      value: 3,
      unit: "connections",
    });
    expect(sustainedConnectionResult(null)).toBeUndefined();
  });
});

describe("SustainedConnection's spec", () => {
  test.each<[object, string[]]>([
    [{ bootstrapServers: "" }, ["bootstrapServers"]],
    [{ producerConnectionCount: -1 }, ["producerConnectionCount"]],
    [{ metadataConnectionCount: 10_001 }, ["producerConnectionCount"]],
    [{ consumerConnectionCount: 1, topicName: "" }, ["topicName"]],
    [{ consumerConnectionCount: 1, topicName: "a b" }, ["topicName"]],
    [
      { producerConnectionCount: 1, keyGenerator: null, valueGenerator: null },
      ["keyGenerator", "valueGenerator"],
    ],
    [{ metadataConnectionCount: 1, keyGenerator: null, topicName: "" }, []],
    [{ consumerConf: { "max.poll.records": "0" } }, ["consumerConf.max.poll.records"]],
  ])("with %j has problems at %j", async (fields, paths) => {
    const problems = await checkSustainedConnection(parse(fields));
    expect(problems.map(({ path }) => path)).toEqual(paths);
  });
});
