// Faults on a real cluster of three brokers, each in a network of its own, with a load running: the
// effect shows in the load's own status, and so does the recovery. Who is hit is found by its part
// in the cluster.

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type FaultyCluster, startFaultyCluster } from "../support/faulty-cluster.ts";
import { testLimitMs } from "../support/kafka.ts";

let cluster: FaultyCluster;
beforeAll(async () => {
  cluster = await startFaultyCluster();
}, testLimitMs);
afterAll(async () => {
  await cluster[Symbol.asyncDispose]();
});

interface Target {
  readonly who: string;
  readonly brokers: readonly number[];
  readonly nodes: readonly string[];
  readonly others: readonly string[];
}

/** Of a task that ran on one node. */
function targetOf(status: unknown): Target {
  return (status as { target: Target }).target;
}

interface LoadStatus {
  readonly acknowledged: number;
  readonly failed: number;
  readonly p50LatencyMs: number;
  readonly p99LatencyMs: number;
}
const interrupted = 130;

/** A load on one topicPartition whose leader is the broker, until it is ended. */
function startLoad(topic: string, leader: number) {
  const others = [1, 2, 3].filter((id) => id !== leader);
  const spec = {
    class: "ProduceBench",
    durationMs: testLimitMs,
    bootstrapServers: cluster.bootstrapServers,
    targetMessagesPerSec: 200,
    maxMessages: 1_000_000,
    producerConf: { "delivery.timeout.ms": "30000", "request.timeout.ms": "1500", acks: "1" },
    activeTopics: { [topic]: { partitionAssignments: { "0": [leader, ...others] } } },
  };
  const command = cluster.command("exec", JSON.stringify(spec), "--json");
  const child = Bun.spawn([...command], { stdio: ["ignore", "pipe", "pipe"] });
  const output = new Response(child.stdout).text();
  const endLoad = async (): Promise<LoadStatus> => {
    child.kill("SIGINT");
    expect(await child.exited).toBe(interrupted);
    return JSON.parse(await output) as LoadStatus;
  };
  return { loadRuns: sees(child.stderr, "msg/s"), endLoad };
}

/** Resolves when the text has come; the rest is read and dropped. */
async function sees(stream: ReadableStream<Uint8Array>, text: string): Promise<void> {
  const found = Promise.withResolvers<void>();
  void (async () => {
    let all = "";
    for await (const chunk of stream) {
      all += new TextDecoder().decode(chunk);
      if (all.includes(text)) found.resolve();
    }
    found.reject(new Error(`"${text}" did not come: ${all}`));
  })();
  await found.promise;
}

const holdMs = 2_000;

describe("a fault on a cluster under load", () => {
  test(
    "holds up the load while a leader's clients are cut off, and no longer",
    async () => {
      const { loadRuns, endLoad } = startLoad("cut", 2);
      await loadRuns;
      const { status, error, spec } = await cluster.runTask("cut", cut(holdMs));
      expect(error).toBeUndefined();
      expect(targetOf(status)).toMatchObject({ who: "leader", brokers: [2], nodes: ["node2"] });
      expect(JSON.stringify(spec)).not.toContain("resolved");
      const load = await endLoad();
      expect(load).toMatchObject({ failed: 0 });
      expect(load.p99LatencyMs).toBeGreaterThan(holdMs / 2);
      expect(load.p50LatencyMs).toBeLessThan(holdMs / 2);
    },
    testLimitMs,
  );

  test(
    "makes the others elect a controller when theirs is cut off",
    async () => {
      const isolate = (id: string, durationMs: number) =>
        cluster.runTask(id, {
          class: "NetworkPartitionFault",
          durationMs,
          kafkaTarget: {
            who: "activeController",
            others: "controllers",
            bootstrapServers: cluster.bootstrapServers,
          },
        });
      const first = await isolate("isolate-1", 5_000);
      expect(first.error).toBeUndefined();
      const [of] = Object.values(first.status as Record<string, unknown>);
      const { brokers: [old] = [], others } = targetOf(of);
      expect(others.length).toBe(2);
      const second = await isolate("isolate-2", 500);
      const [next] = Object.values(second.status as Record<string, unknown>);
      expect(targetOf(next).brokers).not.toEqual([old!]);
    },
    testLimitMs,
  );
});

/** The leader of the load's topicPartition hears nothing of its clients; everyone else does. */
function cut(durationMs: number) {
  return {
    class: "NetworkFault",
    durationMs,
    direction: "in",
    peers: [cluster.clientAddress],
    localPorts: [9092],
    kafkaTarget: {
      who: "leader",
      topicPartition: "cut:0",
      bootstrapServers: cluster.bootstrapServers,
    },
  };
}
