// ShareConsumeBench: its members' configuration, status and ends with scripted consumers in
// simulated time, and everything that is refused.

import { describe, expect, test } from "bun:test";
import * as v from "valibot";
import { scriptedClients } from "../../../../test/support/scripted-clients.ts";
import {
  type ConsumerScript,
  scriptedConsumer,
} from "../../../../test/support/scripted-consumer.ts";
import { type ContextOptions, testedContext } from "../../../../test/support/worker-context.ts";
import { KafkaError, type ShareConsumer } from "../../../kafka/client.ts";
import type { ConsumerConf } from "../../../kafka/conf/types.ts";
import { checkShareConsumeBench } from "./check.ts";
import { shareConsumeBenchSchema } from "./spec.ts";
import { runShareConsumeBench } from "./worker.ts";

type Figures = Record<string, unknown>;

function parse(fields: object) {
  return v.parse(shareConsumeBenchSchema, {
    class: "ShareConsumeBench",
    bootstrapServers: "localhost:9092",
    maxMessages: 10,
    activeTopics: ["foo"],
    ...fields,
  });
}

interface Scenario extends ContextOptions, ConsumerScript {
  readonly spec?: object;
}

async function run(scenario: Scenario = {}) {
  const { context, clock, status } = testedContext(scenario);
  const confs: ConsumerConf[] = [];
  const calls: string[][] = [];
  const { clients } = scriptedClients(clock);
  const members = {
    ...clients,
    shareConsumer(conf: ConsumerConf): ShareConsumer {
      const scripted = scriptedConsumer(clock, scenario);
      confs.push(conf);
      calls.push(scripted.calls);
      const own = { assigned: () => [], acknowledged: 0, released: 0 };
      return Object.assign(scripted.consumer, own) as unknown as ShareConsumer;
    },
  };
  const error = await runShareConsumeBench(parse(scenario.spec ?? {}), context, members).then(
    () => undefined,
    (reason: Error) => reason.message,
  );
  const consumer = () => status()?.["consumer.task0-0"] as Figures;
  const total = () => status()?.["trogdor.total"] as Figures;
  return { clock, confs, calls, consumer, total, error };
}

const records = (count: number) =>
  Array.from({ length: count }, () => ({ key: null, value: new Uint8Array(10) }));

describe("ShareConsumeBench", () => {
  test("takes its messages as members of one group, and closes them", async () => {
    const { calls, confs, consumer, total, error } = await run({
      spec: { activeTopics: ["foo[1-2]"], threadsPerWorker: 2 },
      batches: [records(4), records(10)],
    });
    expect(error).toBeUndefined();
    const expected = ["subscribe foo1 foo2", "close"];
    expect(calls).toEqual([expected, expected]);
    expect(confs.map(({ groupId, clientId }) => [groupId, clientId])).toEqual([
      ["share", "consumer.task0-0"],
      ["share", "consumer.task0-1"],
    ]);
    expect(Object.keys(consumer()).slice(0, 3)).toEqual([
      "subscription",
      "totalMessagesReceived",
      "totalBytesReceived",
    ]);
    expect(consumer()).toMatchObject({
      subscription: ["foo1", "foo2"],
      totalMessagesReceived: 10,
      totalBytesReceived: 100,
    });
    expect(total()).toMatchObject({ received: 20, endReason: "completed" });
  });

  test("keeps its rate by waiting, and leaves nothing of what it is offered", async () => {
    const { confs, total } = await run({
      spec: { targetMessagesPerSec: 10, maxMessages: 41 },
      batches: [records(20), records(20), records(20)],
    });
    expect(confs[0]!.maxPollRecords).toBe(10);
    expect(total()).toMatchObject({ received: 41, elapsedMs: 4002 });
  });

  test("fails when nothing came, and with what a member failed of", async () => {
    const nothing = await run({ endMs: 1000, endReason: "expired" });
    expect(nothing.error).toStartWith("durationMs was over before a message was received: ");
    const fatal = new KafkaError("GROUP_AUTHORIZATION_FAILED", "not this group", false);
    expect((await run({ fatal })).error).toBe("not this group");
  });
});

describe("ShareConsumeBench's spec", () => {
  test.each<[object, string, string]>([
    [{ activeTopics: ["p[1-2]:1"] }, "activeTopics", "Expanded topic name [p1:1, p2:1] is invalid"],
    [{ activeTopics: [] }, "activeTopics", "Consumer is not subscribed to any topics"],
    [{ activeTopics: ["a b"] }, "activeTopics", "Topic name is invalid: 'a b' contains"],
    [
      { consumerConf: { "auto.offset.reset": "earliest" } },
      "consumerConf.auto.offset.reset",
      "auto.offset.reset cannot be set when using a share group.",
    ],
    [{ threadsPerWorker: 1001 }, "threadsPerWorker", "expected 1 to 1000 consumers, found 1001"],
    [{ bootstrapServers: "" }, "bootstrapServers", "is empty"],
  ])("with %j is refused", async (fields, path, message) => {
    const problems = await checkShareConsumeBench(parse(fields));
    expect(problems.map((problem) => problem.path)).toEqual([path]);
    expect(problems[0]!.message).toStartWith(message);
  });
});
