// ProduceBench's worker against a scripted client in simulated time: order, schedule, transactions
// and every way to end.

import { describe, expect, test } from "bun:test";
import * as v from "valibot";
import { type ClientScript, scriptedClients } from "../../../../test/support/scripted-clients.ts";
import { KafkaError } from "../../../kafka/client.ts";
import { decodeHistogram } from "../../../measure/histogram-encoding.ts";
import { createSimulatedClock } from "../../../platform/clock/simulated-clock.ts";
import { silentLog } from "../../../platform/log/log.ts";
import type { StatusJson, StopReason, WorkerContext } from "../../define-task.ts";
import { produceBenchSchema } from "./spec.ts";
import { runProduceBench } from "./worker.ts";

const oneTopic = { foo: { numPartitions: 1, replicationFactor: 1 } };

interface Scenario extends ClientScript {
  readonly spec?: Record<string, unknown>;
  readonly endMs?: number;
  readonly endReason?: StopReason;
  /** How far the wall clock is set after 5 ms. */
  readonly wallClockStepMs?: number;
}

async function run(scenario: Scenario = {}) {
  const simulated = createSimulatedClock();
  const clock = {
    ...simulated,
    nowMs: () =>
      simulated.nowMs() + (simulated.nowUs() > 5000 ? (scenario.wallClockStepMs ?? 0) : 0),
  };
  const { clients, sent, calls } = scriptedClients(clock, scenario);
  const spec = v.parse(produceBenchSchema, {
    class: "ProduceBench",
    bootstrapServers: "localhost:9092",
    targetMessagesPerSec: 1000,
    maxMessages: 10,
    activeTopics: oneTopic,
    ...scenario.spec,
  });
  const controller = new AbortController();
  const statuses: StatusJson[] = [];
  const histograms = new Map<string, string>();
  const context: WorkerContext = {
    taskId: "task0",
    workerId: 1n,
    node: "node0",
    topology: { nodes: new Map() },
    signal: controller.signal,
    clock,
    log: silentLog,
    randomUuid: () => "00000000-0000-4000-8000-000000000000",
    report: (status) => statuses.push(status),
    reportHistogram: (name, encoded) => histograms.set(name, encoded),
  };
  const abort = () => controller.abort(scenario.endReason ?? "stopped");
  if (scenario.endMs === 0) abort();
  else if (scenario.endMs !== undefined) clock.sleep(scenario.endMs).then(abort);
  const error = await runProduceBench(spec, context, clients).then(
    () => undefined,
    (reason: Error) => reason.message,
  );
  const status = statuses.at(-1) as Record<string, unknown>;
  const messages = calls.filter((call) => call !== "flush");
  return { clock, sent, calls, messages, statuses, status, histograms, error };
}

describe("ProduceBench", () => {
  test("creates active and inactive topics, says so, then sends", async () => {
    const { statuses, calls, status, error } = await run({
      spec: { activeTopics: { "foo[1-2]": {} }, inactiveTopics: { bar: {} } },
    });
    expect(error).toBeUndefined();
    expect(calls.slice(0, 4)).toEqual(["create foo1 foo2 bar", "close admin", "start", 0]);
    expect(statuses.slice(0, 2)).toEqual(["Creating 3 topic(s)", "Created 3 topic(s)"]);
    expect(status).toMatchObject({ totalSent: 10, acknowledged: 10, endReason: "completed" });
  });

  test("has the reference's fields first, then its own", async () => {
    const { status } = await run();
    expect(Object.keys(status).slice(0, 6)).toEqual([
      "totalSent",
      "averageLatencyMs",
      "p50LatencyMs",
      "p95LatencyMs",
      "p99LatencyMs",
      "transactionsCommitted",
    ]);
    expect(status).toMatchObject({
      totalSent: 10,
      averageLatencyMs: 5,
      p50LatencyMs: 5,
      p99LatencyMs: 5,
      failed: 0,
      errors: {},
      bytes: 100,
      intendedMessagesPerSec: 1000,
      latencyUs: { corrected: { count: 10, max: 5000 }, service: { count: 10 } },
      rateReached: true,
      limitedBy: "none",
      warnings: [],
      clientLibrary: "native",
    });
  });

  test("goes round the partitions in turn", async () => {
    const { sent } = await run({
      spec: { maxMessages: 7, activeTopics: { a: { numPartitions: 2 }, b: {} } },
    });
    expect(sent.map((record) => `${record.topic}${record.topicPartition}`)).toEqual([
      "a0",
      "a1",
      "b0",
      "a0",
      "a1",
      "b0",
      "a0",
    ]);
  });

  test("uses exactly the assigned partitions", async () => {
    const { sent } = await run({
      spec: {
        maxMessages: 3,
        activeTopics: { a: { partitionAssignments: { "5": [1], "2": [1] } } },
      },
    });
    expect(sent.map((record) => record.topicPartition)).toEqual([2, 5, 2]);
  });

  test("leaves the partition to the client when asked to", async () => {
    const { sent } = await run({ spec: { useConfiguredPartitioner: true, maxMessages: 2 } });
    expect(sent.map((record) => record.topicPartition)).toEqual([-1, -1]);
  });

  test("finishes at once, with zeros, when nothing is to be sent", async () => {
    const { status, sent, error } = await run({ spec: { maxMessages: 0 } });
    expect([error, sent.length]).toEqual([undefined, 0]);
    expect(status).toMatchObject({ totalSent: 0, rateReached: true, endReason: "completed" });
  });

  test("refuses a spec without active topics in the reference's words", async () => {
    const { error, statuses } = await run({ spec: { activeTopics: {} } });
    expect(error).toBe("You must specify at least one active topic.");
    expect(statuses).toEqual([]);
  });

  test("says what is wrong with a client's configuration before it creates anything", async () => {
    const { error, calls } = await run({ spec: { producerConf: { acks: "7" } } });
    expect(error).toStartWith("Invalid value 7 for configuration acks");
    expect(calls).toEqual([]);
  });
});

describe("ProduceBench's schedule", () => {
  test("sends each message at its own time, at the exact rate", async () => {
    const { sent } = await run({ spec: { targetMessagesPerSec: 19, maxMessages: 39 } });
    const startUs = sent[0]!.intendedUs;
    for (const { position, intendedUs, appendedUs } of sent) {
      expect(intendedUs - startUs).toBeCloseTo((position * 1e6) / 19, 3);
      expect(appendedUs - intendedUs).toBeWithin(0, 1001);
    }
  });

  test("makes up for time without room, and latency counts from the schedule", async () => {
    const { sent, status } = await run({
      spec: { targetMessagesPerSec: 1000, maxMessages: 3000 },
      answerMs: 2000,
      roomRecords: 1000,
    });
    expect(sent.map((record) => record.position)).toEqual(
      Array.from({ length: 3000 }, (_, i) => i),
    );
    expect(sent[1000]!.appendedUs).toBe(2_000_000);
    expect(status).toMatchObject({ acknowledged: 3000, rateReached: false, limitedBy: "broker" });
    const { corrected, service } = status["latencyUs"] as Record<string, Record<string, number>>;
    expect(corrected!["max"]).toBeGreaterThan(3_900_000);
    expect(service!["max"]).toBe(2_000_000);
  });

  test("does not notice that the wall clock is set back", async () => {
    const stepped = await run({ wallClockStepMs: -3_600_000 });
    expect(stepped.status["acknowledged"]).toBe(10);
    expect(stepped.status).toEqual((await run()).status);
  });

  test("flushes at each tenth of a second in which something was sent", async () => {
    const { calls } = await run({ spec: { targetMessagesPerSec: 20, maxMessages: 6 } });
    expect(calls.slice(3)).toEqual([0, 1, 2, "flush", 3, 4, "flush", 5, "flush", "close 5000"]);
  });

  test("flushes only at the end with skipFlush", async () => {
    const spec = { targetMessagesPerSec: 20, maxMessages: 6, skipFlush: true };
    const { calls } = await run({ spec });
    expect(calls.slice(3)).toEqual([0, 1, 2, 3, 4, 5, "flush", "close 5000"]);
  });

  test("leaves the warm-up out of the histograms and says how much", async () => {
    const { status, histograms } = await run({ spec: { maxMessages: 100, warmupMs: 40 } });
    expect(status).toMatchObject({ acknowledged: 100, warmupExcluded: 40 });
    expect(decodeHistogram(histograms.get("corrected")!).totalCount).toBe(60);
    expect([...histograms.keys()]).toEqual(["corrected", "service", "pacing"]);
  });

  test("reports about once a second while it runs", async () => {
    const { statuses } = await run({ spec: { targetMessagesPerSec: 10, maxMessages: 50 } });
    const running = statuses.slice(2, -1) as Record<string, unknown>[];
    expect(running.map((status) => status["endReason"])).toEqual([null, null, null, null, null]);
    expect(running.map((status) => status["totalSent"])).toEqual([0, 10, 20, 30, 40]);
  });
});

describe("ProduceBench's transactions", () => {
  const uniform = (messagesPerTransaction: number) => ({
    transactionGenerator: { type: "uniform", messagesPerTransaction },
  });

  test("commits full ones, also the last", async () => {
    const { messages, status } = await run({ spec: { maxMessages: 4, ...uniform(2) } });
    expect(messages.slice(3)).toEqual([
      "begin",
      0,
      1,
      "commit",
      "begin",
      2,
      3,
      "commit",
      "close 5000",
    ]);
    expect(status).toMatchObject({ transactionsCommitted: 2, warnings: [] });
  });

  test("aborts the last one when it is not full, and warns", async () => {
    const { messages, status, error } = await run({ spec: { maxMessages: 5, ...uniform(2) } });
    expect(messages.slice(-4)).toEqual(["begin", 4, "abort", "close 5000"]);
    expect(error).toBeUndefined();
    expect(status).toMatchObject({
      totalSent: 5,
      transactionsCommitted: 2,
      warnings: ["1 messages of the last transaction were aborted"],
    });
  });

  test("counts a message that found no room once", async () => {
    const { messages } = await run({
      spec: { targetMessagesPerSec: 1_000_000, maxMessages: 6, ...uniform(3) },
      roomRecords: 1,
    });
    expect(messages.slice(3, -1)).toEqual(["begin", 0, 1, 2, "commit", "begin", 3, 4, 5, "commit"]);
  });

  test("ends by time where the generator says so", async () => {
    const { status } = await run({
      spec: {
        targetMessagesPerSec: 500,
        maxMessages: 500,
        transactionGenerator: { type: "interval", transactionIntervalMs: 200 },
      },
    });
    expect(status).toMatchObject({ transactionsCommitted: 4, acknowledged: 500 });
  });

  test("fails with the reason when a commit does", async () => {
    const { error, status, calls } = await run({
      spec: { maxMessages: 4, ...uniform(2) },
      commitError: new KafkaError("PRODUCER_FENCED", "another producer took over", false),
    });
    expect(error).toBe("another producer took over");
    expect(status).toMatchObject({
      acknowledged: 2,
      transactionsCommitted: 0,
      endReason: "failed",
    });
    expect(calls.at(-1)).toBe("close 5000");
  });
});

describe("ProduceBench's end", () => {
  const refused = new KafkaError("RECORD_TOO_LARGE", "the message is too large", false);

  test("fails with the cause when every message failed", async () => {
    const { error, status } = await run({ outcome: () => refused });
    expect(error).toBe("the message is too large");
    expect(status).toMatchObject({
      totalSent: 10,
      acknowledged: 0,
      failed: 10,
      errors: { RECORD_TOO_LARGE: 10 },
      averageLatencyMs: 0,
      endReason: "failed",
    });
  });

  test("succeeds when some failed, and counts them by error", async () => {
    const { error, status } = await run({
      outcome: (record) => (record.position % 2 === 0 ? refused : undefined),
    });
    expect(error).toBeUndefined();
    expect(status).toMatchObject({ acknowledged: 5, failed: 5, errors: { RECORD_TOO_LARGE: 5 } });
  });

  test("is a success that says expired when time is over after an acknowledgement", async () => {
    const { error, status, sent } = await run({
      spec: { maxMessages: 1000, targetMessagesPerSec: 100 },
      endMs: 3000,
      endReason: "expired",
    });
    expect(error).toBeUndefined();
    expect(sent.length).toBeWithin(299, 302);
    expect(status).toMatchObject({ acknowledged: sent.length, failed: 0, endReason: "expired" });
  });

  test("is an error when time is over without an acknowledgement", async () => {
    const { error, status } = await run({
      outcome: () => "never",
      endMs: 2000,
      endReason: "expired",
    });
    expect(error).toBe(
      "durationMs was over before a message was acknowledged: the producer was closed",
    );
    expect(status).toMatchObject({ failed: 10, errors: { PRODUCER_CLOSED: 10 } });
  });

  test("waits no longer than its bound for a broker that does not answer", async () => {
    const { clock, error, status } = await run({
      outcome: (record) => (record.position < 3 ? undefined : "never"),
      endMs: 2000,
    });
    expect(error).toBeUndefined();
    expect(status).toMatchObject({ acknowledged: 3, failed: 7, endReason: "stopped" });
    expect(clock.nowUs()).toBe(7_000_000);
  });

  test("stops at once while it waits for room", async () => {
    const { clock, error, status } = await run({
      spec: { maxMessages: 10, targetMessagesPerSec: 1000 },
      roomRecords: 2,
      outcome: () => "never",
      endMs: 1000,
    });
    expect([error, clock.nowUs()]).toEqual([undefined, 6_000_000]);
    expect(status).toMatchObject({ totalSent: 2, failed: 2, endReason: "stopped" });
  });

  test("fails when the client failed for good, with what was sent in the status", async () => {
    const { error, status, sent } = await run({ spec: { maxMessages: 100 }, fatalAfter: 20 });
    expect(error).toBe("another producer took over");
    expect(sent.length).toBe(20);
    expect(status).toMatchObject({ totalSent: 20, endReason: "failed" });
  });

  test("fails with the client's reason when it cannot start", async () => {
    const startError = new KafkaError("SASL_AUTHENTICATION_FAILED", "wrong password", false);
    const { error, statuses, calls } = await run({ startError });
    expect(error).toBe("wrong password");
    expect(statuses.at(-1)).toBe("Created 1 topic(s)");
    expect(calls.at(-1)).toBe("close 5000");
  });

  test("names the phase and the cause when time is over before the load", async () => {
    const { error } = await run({
      createError: new KafkaError("NETWORK_EXCEPTION", "connection refused by localhost:9", true),
      endMs: 3000,
      endReason: "expired",
    });
    expect(error).toBe(
      "durationMs was over before a message was sent, while creating the topics: " +
        "connection refused by localhost:9",
    );
  });

  test("is no error when a person stopped it before the load", async () => {
    const { error, sent } = await run({ endMs: 0 });
    expect([error, sent.length]).toEqual([undefined, 0]);
  });
});
