// Topic creation against a scripted admin client, in simulated time.

import { describe, expect, test } from "bun:test";
import { createSimulatedClock } from "../platform/clock/simulated-clock.ts";
import { silentLog } from "../platform/log/log.ts";
import { type Admin, KafkaError, type NewTopic, type TopicDescription } from "./client.ts";
import { createTopics } from "./create-topics.ts";

function newTopic(name: string, numPartitions = 1, assignments?: [number, number[]][]): NewTopic {
  return {
    name,
    numPartitions,
    replicationFactor: 3,
    assignments: new Map(assignments),
    configs: new Map(),
  };
}

const timedOut = new KafkaError("REQUEST_TIMED_OUT", "The request timed out.", true);
const exists = new KafkaError("TOPIC_ALREADY_EXISTS", "Topic exists.", false);

interface Script {
  create?: (name: string, attempt: number) => KafkaError | undefined;
  describe?: (name: string, attempt: number) => TopicDescription | KafkaError;
}

/** An admin that answers by script and keeps the names of every request. */
function scriptedAdmin(script: Script) {
  const requests: string[][] = [];
  const attempts = new Map<string, number>();
  let describes = 0;
  const admin: Admin = {
    async createTopics(topics) {
      requests.push(topics.map((topic) => topic.name));
      return new Map(
        topics.map(({ name }) => {
          const attempt = (attempts.get(name) ?? 0) + 1;
          attempts.set(name, attempt);
          return [name, script.create?.(name, attempt)];
        }),
      );
    },
    async describeTopics(names) {
      describes++;
      return new Map(names.map((name) => [name, script.describe!(name, describes)]));
    },
    async close() {},
  };
  return { admin, requests };
}

function run(topics: NewTopic[], admin: Admin) {
  const clock = createSimulatedClock();
  const { signal } = new AbortController();
  const created = createTopics(topics, {
    admin,
    clock,
    log: silentLog,
    signal,
    requestTimeoutMs: 25_000,
  });
  return { clock, created };
}

function partitions(name: string, count: number): TopicDescription {
  return { name, partitions: Array.from({ length: count }, (_, index) => index) };
}

describe("createTopics", () => {
  test("asks for ten names a request", async () => {
    const { admin, requests } = scriptedAdmin({});
    await run(
      Array.from({ length: 23 }, (_, index) => newTopic(`t${index}`)),
      admin,
    ).created;
    expect(requests.map((names) => names.length)).toEqual([10, 10, 3]);
  });

  test("does nothing for no topics", async () => {
    const { admin, requests } = scriptedAdmin({});
    await run([], admin).created;
    expect(requests).toEqual([]);
  });

  test("tries only what timed out again, with a pause", async () => {
    const { admin, requests } = scriptedAdmin({
      create: (name, attempt) => (name === "b" && attempt < 3 ? timedOut : undefined),
    });
    const { clock, created } = run([newTopic("a"), newTopic("b")], admin);
    await created;
    expect(requests).toEqual([["a", "b"], ["b"], ["b"]]);
    expect(clock.nowUs()).toBe(750_000);
  });

  test("gives up on timed-out topics after three minutes, in the reference's words", async () => {
    const { admin, requests } = scriptedAdmin({ create: () => timedOut });
    const { clock, created } = run([newTopic("dx2"), newTopic("dx1")], admin);
    await expect(created).rejects.toThrow(
      /^Unable to create topic\(s\): dx2, dx1after \d+ attempt\(s\)/,
    );
    expect(clock.nowUs()).toBeGreaterThan(170e6);
    expect(clock.nowUs()).toBeLessThanOrEqual(180e6);
    expect(requests.length).toBeLessThan(50);
  });

  test("fails with the broker's message for any other error", async () => {
    const message = "Unable to replicate the partition 3 time(s)";
    const { admin } = scriptedAdmin({
      create: () => new KafkaError("INVALID_REPLICATION_FACTOR", message, false),
    });
    const { created } = run([newTopic("foo1")], admin);
    await expect(created).rejects.toThrow(`${message} (creating topic foo1)`);
  });

  test("refuses an existing topic with another number of partitions", async () => {
    const { admin } = scriptedAdmin({
      create: () => exists,
      describe: (name) => partitions(name, 2),
    });
    const { created } = run([newTopic("p0", 2), newTopic("p1", 3)], admin);
    await expect(created).rejects.toThrow(
      "Topic 'p1' exists, but has 2 partitions, while requested  number of partitions is 3",
    );
  });

  test("compares nothing for topics that it created or that have an assignment", async () => {
    const { admin } = scriptedAdmin({
      create: (name) => (name === "new" ? undefined : exists),
      describe: () => {
        throw new Error("was described");
      },
    });
    await run([newTopic("new", 9), newTopic("assigned", -1, [[0, [1, 2]]])], admin).created;
  });

  test("looks three times for a topic that a broker does not know yet", async () => {
    const unknown = new KafkaError("UNKNOWN_TOPIC_OR_PARTITION", "unknown", true);
    const { admin } = scriptedAdmin({
      create: () => exists,
      describe: (name, attempt) => (attempt < 3 ? unknown : partitions(name, 1)),
    });
    const { clock, created } = run([newTopic("t")], admin);
    await created;
    expect(clock.nowUs()).toBe(5e6);
  });

  test("fails at once when the password is wrong", async () => {
    const { admin, requests } = scriptedAdmin({});
    const failing: Admin = {
      ...admin,
      async createTopics(topics) {
        requests.push(topics.map((topic) => topic.name));
        throw new KafkaError("SASL_AUTHENTICATION_FAILED", "Authentication failed: alice", false);
      },
    };
    const { clock, created } = run([newTopic("t")], failing);
    await expect(created).rejects.toThrow("Authentication failed: alice");
    expect([requests.length, clock.nowUs()]).toEqual([1, 0]);
  });

  test("looks for a broker no longer than request.timeout.ms", async () => {
    const { admin } = scriptedAdmin({});
    const failing: Admin = {
      ...admin,
      async createTopics() {
        throw new KafkaError("NETWORK_EXCEPTION", "connection refused by localhost:9", true);
      },
    };
    const { clock, created } = run([newTopic("t")], failing);
    await expect(created).rejects.toThrow(
      "no broker could be reached: connection refused by localhost:9",
    );
    expect(clock.nowUs()).toBeWithin(12_500_000, 25_000_000);
  });

  test("ends without an error when the task is stopped", async () => {
    const { admin } = scriptedAdmin({ create: () => timedOut });
    const controller = new AbortController();
    const clock = createSimulatedClock();
    const created = createTopics([newTopic("t")], {
      admin,
      clock,
      log: { ...silentLog, warn: () => controller.abort("stopped") },
      signal: controller.signal,
      requestTimeoutMs: 25_000,
    });
    await created;
    expect(clock.nowUs()).toBe(0);
  });
});
