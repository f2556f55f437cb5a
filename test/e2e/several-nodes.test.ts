// One load on several nodes: a worker on each, each at the full rate, and one histogram of all.

import { afterAll, beforeAll, expect, test } from "bun:test";
import { decodeHistogram } from "../../src/measure/histogram-encoding.ts";
import { sharedCluster, testLimitMs, uniqueName } from "../support/kafka.ts";
import { startTrogdorCluster, type TrogdorCluster } from "../support/trogdor-cluster.ts";

let bootstrapServers: string;
let cluster: TrogdorCluster;
beforeAll(async () => {
  bootstrapServers = (await sharedCluster()).bootstrapServers.PLAINTEXT;
  cluster = await startTrogdorCluster({ coordinator: "ours", agents: ["ours", "ours"] });
}, testLimitMs);
afterAll(async () => {
  await cluster?.[Symbol.asyncDispose]();
}, testLimitMs);

const perNode = 300;
const nodes = ["node1", "node2"];

interface WorkerStatus {
  readonly totalSent: number;
  readonly histograms: Readonly<Record<string, string>>;
}

test(
  "ProduceBench on two nodes sends its messages on each, and merges their latencies",
  async () => {
    const spec = {
      class: "org.apache.kafka.trogdor.workload.ProduceBenchSpec",
      durationMs: 30_000,
      producerNode: nodes,
      bootstrapServers,
      targetMessagesPerSec: 300,
      maxMessages: perNode,
      activeTopics: { [uniqueName("several")]: { numPartitions: 1, replicationFactor: 1 } },
    };
    const create = ["createTask", "--id", "t", "--spec", JSON.stringify(spec), "--wait", "--json"];
    const { exitCode, stdout, stderr } = await cluster.client("ours", ...create);
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
    const { status } = JSON.parse(stdout.trim().split("\n").at(-1) ?? "").tasks.t;
    expect(Object.keys(status)).toEqual([...nodes, "trogdor.merged"]);
    const workers = nodes.map((node): WorkerStatus => status[node]);
    expect(workers.map(({ totalSent }) => totalSent)).toEqual([perNode, perNode]);
    const merged = status["trogdor.merged"];
    expect(merged).toMatchObject({ workers: 2, latencyUs: { service: { count: 2 * perNode } } });
    const sum = decodeHistogram(merged.histograms.service);
    const parts = workers.map(({ histograms }) => decodeHistogram(histograms["service"] ?? ""));
    for (const part of parts) expect(part.totalCount).toBe(perNode);
    expect(sum.totalCount).toBe(2 * perNode);
    expect(sum.maxValue).toBe(Math.max(...parts.map(({ maxValue }) => maxValue)));
  },
  testLimitMs,
);
