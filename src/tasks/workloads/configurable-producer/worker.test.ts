// ConfigurableProducer's worker against a scripted client in simulated time: windows, flushes,
// status and every way to end.

import { describe, expect, test } from "bun:test";
import * as v from "valibot";
import { type ClientScript, scriptedClients } from "../../../../test/support/scripted-clients.ts";
import { type ContextOptions, testedContext } from "../../../../test/support/worker-context.ts";
import { KafkaError } from "../../../kafka/client.ts";
import { configurableProducerProgress, configurableProducerResult } from "./result.ts";
import { configurableProducerSchema } from "./spec.ts";
import { runConfigurableProducer } from "./worker.ts";

interface Scenario extends ClientScript, ContextOptions {
  readonly spec?: Record<string, unknown>;
}

const constant = (messagesPerWindow: number, windowSizeMs = 100) => ({
  throughputGenerator: { type: "constant", messagesPerWindow, windowSizeMs },
});

async function run(scenario: Scenario = {}) {
  const { context, clock, statuses, histograms, status } = testedContext({
    endMs: 1000,
    endReason: "expired",
    ...scenario,
  });
  const { clients, sent, calls } = scriptedClients(clock, scenario);
  const spec = v.parse(configurableProducerSchema, {
    class: "ConfigurableProducer",
    bootstrapServers: "localhost:9092",
    keyGenerator: { type: "null" },
    valueGenerator: { type: "constant", size: 10 },
    activeTopic: { foo: { numPartitions: 2 } },
    ...constant(3),
    ...scenario.spec,
  });
  const error = await runConfigurableProducer(spec, context, clients).then(
    () => undefined,
    (reason: Error) => reason.message,
  );
  return { spec, clock, statuses, histograms, status, sent, calls, error };
}

describe("ConfigurableProducer", () => {
  test("sends what each window holds, at its start", async () => {
    const { sent, error } = await run();
    expect(error).toBeUndefined();
    const startUs = sent[0]!.intendedUs;
    expect(sent.slice(0, 7).map(({ appendedUs }) => appendedUs - startUs)).toEqual([
      0, 0, 0, 100_000, 100_000, 100_000, 200_000,
    ]);
    expect(sent.length).toBe(30);
  });

  test("sends to its partition, or lets the partitioner choose", async () => {
    const to = async (spec: object) => (await run({ spec: { ...spec } })).sent[0]!.topicPartition;
    expect([
      await to({}),
      await to({ activePartition: 1 }),
      await to({ activePartition: -1 }),
    ]).toEqual([0, 1, -1]);
  });

  test("has the reference's fields first, then its own", async () => {
    const { status, statuses, histograms } = await run({ answerMs: 5 });
    expect(statuses.slice(0, 2)).toEqual(["Creating 1 topic(s)", "Created 1 topic(s)"]);
    expect(Object.keys(status()).slice(0, 5)).toEqual([
      "totalSent",
      "averageLatencyMs",
      "p50LatencyMs",
      "p95LatencyMs",
      "p99LatencyMs",
    ]);
    expect(status()).toMatchObject({
      totalSent: 30,
      p50LatencyMs: 5,
      acknowledged: 30,
      failed: 0,
      bytes: 300,
      flushes: 0,
      intendedMessagesPerSec: 30,
      rateReached: true,
      endReason: "expired",
    });
    expect([...histograms.keys()]).toEqual(["corrected", "service"]);
  });

  test("waits for the answers at each flush", async () => {
    const { calls, sent, status } = await run({
      spec: { ...constant(4), flushGenerator: { type: "constant", messagesPerFlush: 2 } },
      answerMs: 10,
      endMs: 50,
    });
    expect(calls.slice(3, 9)).toEqual([0, 1, "flush", 2, 3, "flush"]);
    expect(sent[2]!.appendedUs - sent[1]!.appendedUs).toBe(10_000);
    expect(status()).toMatchObject({ flushes: 2 });
  });

  test("sends as many as possible without a limit", async () => {
    const { sent, status } = await run({ spec: constant(0), roomRecords: 100, endMs: 100 });
    expect(sent.length).toBeGreaterThan(1500);
    expect(status()).toMatchObject({ intendedMessagesPerSec: null, rateReached: true });
  });

  test("shows in the corrected latency what waited for room", async () => {
    const { status } = await run({ spec: constant(10), roomRecords: 1, answerMs: 20 });
    const { corrected, service } = status()["latencyUs"] as Record<string, { max: number }>;
    expect(service!.max).toBe(20_000);
    expect(corrected!.max).toBeGreaterThan(400_000);
    expect(status()).toMatchObject({ rateReached: false });
  });

  test("tells its progress and its result", async () => {
    const { status } = await run();
    expect(configurableProducerProgress(status() as never)).toMatchObject({ done: 30, errors: 0 });
    expect(configurableProducerProgress("Created 1 topic(s)")).toEqual({
      phase: "Created 1 topic(s)",
    });
    expect(configurableProducerResult(status() as never)?.figures[0]).toEqual({
      label: "acknowledged",
      value: 30,
      unit: "messages",
    });
    expect(configurableProducerResult(null)).toBeUndefined();
  });
});

describe("ConfigurableProducer ends", () => {
  test("without error when a person stops it", async () => {
    const { error, status } = await run({ outcome: () => "never", endReason: "stopped" });
    expect([error, status()["endReason"]]).toEqual([undefined, "stopped"]);
  });

  test("with an error and its cause when no message was acknowledged", async () => {
    const refused = new KafkaError("TOPIC_AUTHORIZATION_FAILED", "not this topic", false);
    const { error, status } = await run({ outcome: () => refused });
    expect(error).toBe("durationMs was over before a message was acknowledged: not this topic");
    expect(status()).toMatchObject({ failed: 30, errors: { TOPIC_AUTHORIZATION_FAILED: 30 } });
  });

  test("with what ended the producer", async () => {
    const { error, status } = await run({ fatalAfter: 5 });
    expect([error, status()["endReason"]]).toEqual(["another producer took over", "failed"]);
  });

  test.each([
    [{ activeTopic: {} }, "Can only run against 1 topic. Found none"],
    [{ activeTopic: { "foo[1-2]": {} } }, "Can only run against 1 topic. Found 2"],
    [
      { activePartition: -2 },
      "Invalid partition: -2. Partition number should always be non-negative or null.",
    ],
    [{ activePartition: 2 }, "expected a partition of foo, found 2"],
    [{ throughputGenerator: null }, "throughputGenerator is missing: expected a generator"],
    [{ keyGenerator: null }, "keyGenerator is missing: expected a generator"],
    [{ valueGenerator: null }, "valueGenerator is missing: expected a generator"],
    [{ producerConf: { acks: "7" } }, "Invalid value 7 for configuration acks"],
  ])("before it begins with %j", async (spec, message) => {
    const { error, statuses } = await run({ spec });
    expect(error).toStartWith(message);
    expect(statuses).toEqual([]);
  });
});
