// RoundTripWorkload's worker against a cluster of a few lines in simulated time: order, resends,
// old and foreign records, losses and duplicates, and every way to end.

import { describe, expect, test } from "bun:test";
import * as v from "valibot";
import { type LoopbackScript, loopbackClients } from "../../../../test/support/loopback-clients.ts";
import { type ContextOptions, testedContext } from "../../../../test/support/worker-context.ts";
import { KafkaError } from "../../../kafka/client.ts";
import { roundTripProgress } from "../../record-tracking/round-trip-progress.ts";
import { roundTripResult } from "../../record-tracking/round-trip-result.ts";
import { roundTripSchema } from "./spec.ts";
import { runRoundTripWorkload } from "./worker.ts";

interface Scenario extends ContextOptions, LoopbackScript {
  readonly spec?: Record<string, unknown>;
}

async function run(scenario: Scenario = {}) {
  const { context, clock, statuses, histograms, status } = testedContext(scenario);
  const { clients, sent } = loopbackClients(clock, scenario);
  const spec = v.parse(roundTripSchema, {
    class: "RoundTripWorkload",
    clientNode: "node0",
    bootstrapServers: "localhost:9092",
    targetMessagesPerSec: 1000,
    maxMessages: 20,
    activeTopics: { foo: { numPartitions: 2 } },
    ...scenario.spec,
  });
  const error = await runRoundTripWorkload(spec, context, clients).then(
    () => undefined,
    (reason: Error) => reason.message,
  );
  return { spec, clock, statuses, histograms, status, sent, error };
}

const positions = (sent: readonly { readonly position: number }[]) =>
  sent.map(({ position }) => position);
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index);

describe("RoundTripWorkload", () => {
  test("creates its topics, sends all in turn and gets them back", async () => {
    const { statuses, status, sent, error } = await run();
    expect(error).toBeUndefined();
    expect(statuses.slice(0, 2)).toEqual(["Creating 1 topic(s)", "Created 1 topic(s)"]);
    expect(positions(sent)).toEqual(upTo(20));
    expect(sent.slice(0, 3).map(({ part }) => part)).toEqual([0, 1, 0]);
    expect(Object.keys(status()).slice(0, 2)).toEqual(["totalUniqueSent", "totalReceived"]);
    expect(status()).toMatchObject({
      totalUniqueSent: 20,
      totalReceived: 20,
      acknowledged: 20,
      pending: 0,
      endReason: "completed",
    });
  });

  test("measures the round trip and the acknowledgement from the schedule", async () => {
    const { status } = await run({ answerMs: 7 });
    const { roundTrip, acknowledgement, service } = status()["latencyUs"] as Record<
      string,
      Record<string, number>
    >;
    expect(roundTrip).toMatchObject({ count: 20, p50: 7000, max: 7000 });
    expect(acknowledgement).toMatchObject({ count: 20, p50: 7000 });
    expect(service).toMatchObject({ count: 20, p50: 7000 });
  });

  test("sends what is due at once in runs, and to every partition", async () => {
    const { sent } = await run({
      spec: {
        targetMessagesPerSec: 10_000_000,
        maxMessages: 2000,
        activeTopics: { foo: { numPartitions: 5 } },
      },
    });
    const changes = sent.filter(({ part }, index) => part !== sent[index - 1]?.part);
    expect(changes.length).toBeWithin(20, 60);
    for (let part = 0; part < 5; part++) {
      expect(sent.filter((each) => each.part === part).length).toBeWithin(250, 550);
    }
  });

  test("keeps its rate", async () => {
    const { clock } = await run({ spec: { targetMessagesPerSec: 10, maxMessages: 31 } });
    expect(clock.nowUs() / 1e6).toBeWithin(3, 3.2);
  });

  test("sends again what failed, also after the last new message", async () => {
    const { status, sent, error } = await run({
      fate: (position, attempt) => (position >= 18 && attempt < 3 ? "failed" : "kept"),
    });
    expect(error).toBeUndefined();
    expect(positions(sent).filter((position) => position === 19).length).toBe(3);
    expect(status()).toMatchObject({
      totalReceived: 20,
      failedSends: 4,
      resent: 2,
      errors: { REQUEST_TIMED_OUT: 4 },
      endReason: "completed",
    });
  });

  test("does not call it a duplicate when a failed send had arrived", async () => {
    const { status, error } = await run({
      fate: (position, attempt) => (position === 3 && attempt === 1 ? "failed and kept" : "kept"),
    });
    expect(error).toBeUndefined();
    expect(status()).toMatchObject({ duplicates: 0, duplicatesOfResent: 1, totalReceived: 20 });
  });

  test("names what came twice, and succeeds", async () => {
    const { status, error } = await run({
      fate: (position) => (position === 5 || position === 9 ? "twice" : "kept"),
    });
    expect(error).toBeUndefined();
    expect(status()).toMatchObject({
      duplicates: 2,
      duplicateMessages: [5, 9],
      warnings: ["2 messages came more than once: 5, 9"],
    });
  });

  test("names what was acknowledged and did not come back, and fails soon", async () => {
    const { status, error, clock } = await run({
      fate: (position) => (position === 4 || position === 11 ? "lost" : "kept"),
    });
    expect(error).toBe("2 of 20 messages were acknowledged and did not come back: 4, 11");
    expect(status()).toMatchObject({ lost: 2, lostMessages: [4, 11], endReason: "failed" });
    expect(clock.nowUs()).toBeLessThan(3_000_000);
  });

  test("names the first ten of many", async () => {
    const { error } = await run({
      spec: { maxMessages: 100 },
      fate: (position) => (position % 2 === 0 ? "lost" : "kept"),
    });
    expect(error).toBe(
      "50 of 100 messages were acknowledged and did not come back: " +
        "0, 2, 4, 6, 8, 10, 12, 14, 16, 18 and others",
    );
  });

  test("begins behind what its topics hold", async () => {
    const key = Uint8Array.of(1, 0, 0, 0);
    const { status } = await run({ older: [{ key, value: null }] });
    expect(status()).toMatchObject({ totalReceived: 20, duplicates: 0, foreign: 0 });
  });

  test.each([
    ["no key", { key: null, value: null }],
    ["a short key", { key: Uint8Array.of(1), value: null }],
    [
      "the number of a message, with another value",
      { key: Uint8Array.of(1, 0, 0, 0), value: null },
    ],
    ["a number that was not sent", { key: Uint8Array.of(0, 0, 0, 128), value: null }],
  ])("does not count records of others: with %s", async (_, record) => {
    const { status, error } = await run({ foreign: [record] });
    expect(error).toBeUndefined();
    expect(status()).toMatchObject({
      totalReceived: 20,
      duplicates: 0,
      foreign: 1,
      warnings: ["1 records were not of this task"],
    });
  });

  test("shares the partitions out among several nodes", async () => {
    const { sent } = await run({ spec: { clientNode: ["node1", "node0"], maxMessages: 4 } });
    expect(sent.map(({ part }) => part)).toEqual([1, 1, 1, 1]);
  });

  test("tells its progress and its result", async () => {
    const { status, spec } = await run();
    expect(roundTripProgress(status() as never, spec)).toMatchObject({ done: 20, total: 20 });
    expect(roundTripProgress("Creating 1 topic(s)", spec)).toEqual({
      phase: "Creating 1 topic(s)",
      total: 20,
    });
    const result = roundTripResult(status() as never, spec);
    expect(result?.figures[0]).toEqual({ label: "came back", value: 20, unit: "messages" });
    expect(roundTripResult("Created 1 topic(s)", spec)).toBeUndefined();
  });
});

describe("RoundTripWorkload ends", () => {
  test("at once when nothing is asked for", async () => {
    const { status, error, sent } = await run({ spec: { maxMessages: 0 } });
    expect([error, sent.length, status()["endReason"]]).toEqual([undefined, 0, "completed"]);
  });

  test("by time with success when something came back, and names what had not", async () => {
    const { status, error } = await run({
      fate: (position) => (position === 6 ? "silent" : "kept"),
      endMs: 3000,
      endReason: "expired",
    });
    expect(error).toBeUndefined();
    expect(status()).toMatchObject({
      endReason: "expired",
      pending: 1,
      lost: 0,
      warnings: ["1 messages had not come back when the time was over: 6"],
    });
  });

  test("by time with an error and its cause when nothing came back", async () => {
    const { status, error } = await run({ fate: () => "failed", endMs: 500, endReason: "expired" });
    expect(error).toBe("durationMs was over before a message came back: it took too long");
    expect(status()).toMatchObject({ totalReceived: 0, endReason: "failed" });
  });

  test("without error when a person stops it", async () => {
    const { status, error } = await run({ fate: () => "silent", endMs: 500 });
    expect([error, status()["endReason"]]).toEqual([undefined, "stopped"]);
  });

  test("with what the consumer failed of", async () => {
    const fatal = new KafkaError("TOPIC_AUTHORIZATION_FAILED", "not this topic", false);
    const { error, status } = await run({ fate: () => "silent", consumerFatal: fatal });
    expect([error, status()["endReason"]]).toEqual(["not this topic", "failed"]);
  });

  test("with the reason why it could not connect", async () => {
    const refused = new KafkaError("SASL_AUTHENTICATION_FAILED", "wrong password", false);
    expect((await run({ connectError: refused })).error).toBe("wrong password");
  });

  test.each([
    [{ targetMessagesPerSec: 0 }, "Can't have targetMessagesPerSec <= 0."],
    [{ activeTopics: {} }, "You must specify at least one active topic."],
  ])("at once, in the reference's words, for %p", async (spec, message) => {
    const { error, statuses } = await run({ spec });
    expect([error, statuses]).toEqual([message, []]);
  });
});
