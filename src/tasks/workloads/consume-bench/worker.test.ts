// ConsumeBench's worker against scripted consumers in simulated time: what it subscribes to, how it
// counts and paces, its status and every way to end.

import { describe, expect, test } from "bun:test";
import * as v from "valibot";
import { scriptedClients } from "../../../../test/support/scripted-clients.ts";
import {
  type ConsumerScript,
  type ScriptedRecord,
  scriptedConsumer,
} from "../../../../test/support/scripted-consumer.ts";
import { type ContextOptions, testedContext } from "../../../../test/support/worker-context.ts";
import { KafkaError } from "../../../kafka/client.ts";
import type { ConsumerConf } from "../../../kafka/conf/types.ts";
import { consumeProgress } from "../../consumption/consume-progress.ts";
import { consumeResult } from "../../consumption/consume-result.ts";
import { consumeBenchSchema } from "./spec.ts";
import { runConsumeBench } from "./worker.ts";

type Figures = Record<string, unknown>;

interface Scenario extends ContextOptions, ConsumerScript {
  readonly spec?: Figures;
  /** The script of each further consumer. */
  readonly others?: readonly ConsumerScript[];
}

async function run(scenario: Scenario = {}) {
  const { context, clock, statuses, histograms, status } = testedContext(scenario);
  const scripts = [scenario, ...(scenario.others ?? [])];
  const consumers: { readonly calls: string[] }[] = [];
  const confs: ConsumerConf[] = [];
  const { clients } = scriptedClients(clock, {
    partitionsOfTopics: 2,
    consumer(conf) {
      const made = scriptedConsumer(clock, scripts[consumers.length] ?? scenario);
      confs.push(conf);
      consumers.push(made);
      return made.consumer;
    },
  });
  const spec = v.parse(consumeBenchSchema, {
    class: "ConsumeBench",
    bootstrapServers: "localhost:9092",
    maxMessages: 10,
    activeTopics: ["foo"],
    ...scenario.spec,
  });
  const error = await runConsumeBench(spec, context, clients).then(
    () => undefined,
    (reason: Error) => reason.message,
  );
  const calls = consumers.map((consumer) => consumer.calls);
  const consumer = (index = 0) => status()?.[`consumer.task0-${index}`] as Figures;
  const total = () => status()?.["trogdor.total"] as Figures;
  return { spec, clock, statuses, histograms, status, consumer, total, calls, confs, error };
}

function records(count: number, record: ScriptedRecord = {}): ScriptedRecord[] {
  const whole = { key: Buffer.from("key"), value: Buffer.from("a value"), ...record };
  return Array.from({ length: count }, () => whole);
}

describe("ConsumeBench", () => {
  test("subscribes to its topics, takes its messages and closes at once", async () => {
    const { calls, consumer, total, error, clock } = await run({
      spec: { activeTopics: ["foo[1-2]"] },
      batches: [records(4), records(6)],
      everyMs: 5,
    });
    expect(error).toBeUndefined();
    expect(calls).toEqual([["subscribe foo1 foo2", "close"]]);
    expect(consumer()).toMatchObject({ totalMessagesReceived: 10, isDone: true });
    expect(total()).toMatchObject({ received: 10, endReason: "completed" });
    expect(clock.nowUs()).toBeLessThan(1_100_000);
  });

  test("has the reference's fields first, then its own", async () => {
    const { consumer, total } = await run({ batches: [records(10)], everyMs: 7 });
    expect(consumer()).toEqual({
      assignedPartitions: ["foo-0"],
      totalMessagesReceived: 10,
      totalBytesReceived: 100,
      averageMessageSizeBytes: 10,
      averageLatencyMs: 7,
      p50LatencyMs: 7,
      p95LatencyMs: 7,
      p99LatencyMs: 7,
      assignedPartitionsCount: 1,
      lagRecords: 0,
      lagUnknownPartitions: 0,
      rebalances: 1,
      sessionsLost: 0,
      errors: {},
      isDone: true,
    });
    expect(total()).toMatchObject({ bytes: 100, consumers: 1, elapsedMs: 7, warnings: [] });
  });

  test("takes exactly maxMessages of what is there", async () => {
    const { consumer } = await run({ batches: [records(7), records(50)] });
    expect(consumer()).toMatchObject({ totalMessagesReceived: 10, totalBytesReceived: 100 });
  });

  test("counts keys and values that are null as nothing", async () => {
    const { consumer } = await run({ batches: [records(10, { key: null, value: null })] });
    expect(consumer()).toMatchObject({ totalMessagesReceived: 10, totalBytesReceived: 0 });
  });

  test("gives each consumer an id and a fresh group", async () => {
    const { confs, consumer } = await run({
      spec: { threadsPerWorker: 2 },
      batches: [records(10)],
    });
    expect(confs.map(({ clientId, groupId }) => [clientId, groupId])).toEqual([
      ["consumer.task0-0", "consume-bench-uuid-0"],
      ["consumer.task0-1", "consume-bench-uuid-1"],
    ]);
    expect(confs[0]).toMatchObject({ offsetReset: "earliest", maxPollIntervalMs: 100_000 });
    expect(consumer(1)).toMatchObject({ totalMessagesReceived: 10 });
  });

  test("puts all consumers into the group that is named", async () => {
    const { confs } = await run({
      spec: { threadsPerWorker: 2, consumerGroup: "g" },
      batches: [records(10)],
    });
    expect(confs.map(({ groupId }) => groupId)).toEqual(["g", "g"]);
  });

  test("assigns what is named, and all partitions of what is named without", async () => {
    const { calls } = await run({
      spec: { activeTopics: ["a:[3-4]", "b"], threadsPerWorker: 2 },
      batches: [records(10)],
    });
    const assign = "assign a-3 a-4 b-0 b-1";
    expect(calls).toEqual([
      [assign, "close"],
      [assign, "close"],
    ]);
  });

  test("keeps below its rate, each consumer for itself", async () => {
    const { total } = await run({
      spec: { targetMessagesPerSec: 10, maxMessages: 21, threadsPerWorker: 2 },
      batches: [records(100)],
    });
    expect(total()).toMatchObject({ received: 42, elapsedMs: 2001 });
  });

  test("counts end to end from the time stamps, and says when clocks disagree", async () => {
    const { total } = await run({
      batches: [records(9, { timestampMs: 0 }), records(1, { timestampMs: 9e12 })],
    });
    const { endToEnd } = total()["latencyUs"] as { endToEnd: Figures };
    expect(endToEnd).toMatchObject({ count: 10 });
    expect(total()["warnings"]).toEqual([
      expect.stringMatching(/^1 messages came from the future: .* at least \d+ ms ahead/),
    ]);
  });

  test("runs the record processor over each value", async () => {
    const value = new Uint8Array(8);
    const { consumer } = await run({
      spec: {
        recordProcessor: { type: "timestamp", histogramMaxMs: 100, histogramStepMs: 1 },
      },
      batches: [records(8, { value }), records(1, { value: null }), records(1)],
    });
    expect(consumer()["recordProcessorStatus"]).toMatchObject({ skipped: 2, negative: 0 });
  });

  test("counts failures that were tried again", async () => {
    const { consumer, total } = await run({
      batches: [records(10)],
      error: new KafkaError("NOT_LEADER_OR_FOLLOWER", "not here", true),
    });
    expect(consumer()["errors"]).toEqual({ NOT_LEADER_OR_FOLLOWER: 1 });
    expect(total()["errors"]).toEqual({ NOT_LEADER_OR_FOLLOWER: 1 });
  });

  test("reports every second while it runs", async () => {
    const { statuses } = await run({
      batches: [records(5), records(5)],
      everyMs: 1700,
    });
    const received = statuses.map((status) => {
      const all = (status as Figures)["trogdor.total"] as Figures;
      return [all["received"], all["endReason"]];
    });
    expect(received).toEqual([
      [0, null],
      [0, null],
      [5, null],
      [5, null],
      [10, "completed"],
    ]);
  });

  test("warns that adminClientConf changes nothing", async () => {
    const { total } = await run({
      spec: { adminClientConf: { "client.id": "x" } },
      batches: [records(10)],
    });
    expect(total()["warnings"]).toEqual(["adminClientConf has no effect here"]);
  });

  test("tells its progress and its result", async () => {
    const { status, spec } = await run({ batches: [records(10)] });
    expect(consumeProgress(status() as never, spec)).toMatchObject({ done: 10, total: 10 });
    expect(consumeProgress(null, spec)).toEqual({ total: 10 });
    const result = consumeResult(status() as never, spec);
    expect(result?.figures[0]).toEqual({ label: "received", value: 10, unit: "messages" });
    expect(consumeResult(null, spec)).toBeUndefined();
  });
});

describe("ConsumeBench ends", () => {
  test("with zeros, at once, when nothing is asked for", async () => {
    const { calls, consumer, error } = await run({ spec: { maxMessages: 0 } });
    expect([error, calls]).toEqual([undefined, [["close"]]]);
    expect(consumer()).toMatchObject({ totalMessagesReceived: 0, averageLatencyMs: 0 });
  });

  test("without error when a person stops it before anything came", async () => {
    const { error, total, calls } = await run({ endMs: 2000 });
    expect([error, total()["endReason"]]).toEqual([undefined, "stopped"]);
    expect(calls).toEqual([["subscribe foo", "close"]]);
  });

  test("with success by time when something was received, and names who had nothing", async () => {
    const { error, total } = await run({
      spec: { threadsPerWorker: 2 },
      batches: [records(3)],
      others: [{ assigned: [] }],
      endMs: 2000,
      endReason: "expired",
    });
    expect([error, total()["endReason"]]).toEqual([undefined, "expired"]);
    expect(total()["warnings"]).toEqual([
      "consumer.task0-1 received nothing: it got no partitions",
    ]);
  });

  test.each([
    [{}, "the partitions held no messages to take"],
    [{ assigned: [] }, "no partitions were assigned"],
    [{ error: new KafkaError("GROUP_LOADING", "it loads", true) }, "it loads"],
  ])("with an error by time when nothing came (%#)", async (script, cause) => {
    const { error, total } = await run({ ...script, endMs: 2000, endReason: "expired" });
    expect(error).toBe(`durationMs was over before a message was received: ${cause}`);
    expect(total()["endReason"]).toBe("failed");
  });

  test("with what a consumer failed of, and closes the others", async () => {
    const { error, total, calls } = await run({
      spec: { threadsPerWorker: 2 },
      batches: [records(3)],
      fatal: new KafkaError("CORRUPT_MESSAGE", "a batch is corrupt", false),
      others: [{}],
    });
    expect(error).toBe("a batch is corrupt");
    expect(total()).toMatchObject({ received: 3, endReason: "failed" });
    expect(calls.map((each) => each.at(-1))).toEqual(["close", "close"]);
  });

  test("with the reason why a consumer could not begin", async () => {
    const { error } = await run({
      startError: new KafkaError("GROUP_AUTHORIZATION_FAILED", "not you", false),
    });
    expect(error).toBe("not you");
  });

  test.each([
    [{ activeTopics: [] }, "Consumer is not subscribed to any topics or assigned any partitions"],
    [{ activeTopics: ["foo:"] }, "Expanded topic name foo: is invalid"],
    [
      { activeTopics: ["foo:1"], threadsPerWorker: 2, consumerGroup: "g" },
      "You may not specify an explicit partition assignment when using multiple consumers in the " +
        "same group.Please leave the consumer group unset, specify topics instead of partitions " +
        "or use a single consumer.",
    ],
    [{ consumerConf: { "fetch.min.bytes": "x" } }, "fetch.min.bytes"],
  ])("at once, in the reference's words, for %p", async (spec, message) => {
    const { error, statuses } = await run({ spec });
    expect(error).toContain(message);
    expect(statuses).toEqual([]);
  });
});
