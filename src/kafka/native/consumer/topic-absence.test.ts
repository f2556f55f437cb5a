// When a topic that is missing ends the consumer, and when it is waited for.

import { describe, expect, test } from "bun:test";
import { createSimulatedClock } from "../../../platform/clock/simulated-clock.ts";
import { silentLog } from "../../../platform/log/log.ts";
import { consumerConf } from "../../conformance/test-consumer.suite.ts";
import { createTopicAbsence } from "./topic-absence.ts";
import type { KnownTopic, Topics } from "./topics.ts";

async function watching(...names: string[]) {
  const clock = createSimulatedClock();
  const known = new Map<string, KnownTopic>();
  const ends: string[] = [];
  const conf = await consumerConf({ "bootstrap.servers": "b:1", "default.api.timeout.ms": "5000" });
  const topics = { known } as unknown as Topics;
  const environment = { clock, log: silentLog };
  const absence = createTopicAbsence(topics, conf, environment, ({ message }) => {
    ends.push(message);
  });
  absence.watch(names);
  const lookAfter = (ms: number) => {
    clock.advance(ms);
    absence.look();
  };
  const topic = (name: string) =>
    known.set(name, { name, nameBytes: new Uint8Array(0), id: "", leaders: [] });
  return { known, topic, lookAfter, ends };
}

describe("a topic that is missing", () => {
  test("ends the consumer when it was there and stays away", async () => {
    const { known, topic, lookAfter, ends } = await watching("x");
    topic("x");
    lookAfter(1);
    known.delete("x");
    lookAfter(1);
    lookAfter(4000);
    expect(ends).toEqual([]);
    lookAfter(1000);
    expect(ends).toEqual([
      'topic "x" was deleted while it was consumed, and did not come back within' +
        " default.api.timeout.ms (5000)",
    ]);
  });

  test("does not when it comes back", async () => {
    const { known, topic, lookAfter, ends } = await watching("x");
    topic("x");
    lookAfter(1);
    known.delete("x");
    lookAfter(4000);
    topic("x");
    lookAfter(1);
    known.delete("x");
    lookAfter(1);
    lookAfter(4900);
    expect(ends).toEqual([]);
  });

  test("is waited for when it never was there", async () => {
    const { lookAfter, ends } = await watching("x");
    lookAfter(1);
    lookAfter(100_000);
    expect(ends).toEqual([]);
  });
});
