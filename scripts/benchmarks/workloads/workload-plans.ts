// What each of the workload benches runs: the spec that both Trogdors get, the topics that it
// needs, and how much it did, from the status that both have.

import type { BenchTopic } from "../bench-topic.ts";
import { UNTHROTTLED, VALUE_BYTES } from "../contestants.ts";

export const WORKLOAD_BENCHES = ["consume", "round-trip", "connect"] as const;
export type WorkloadBench = (typeof WORKLOAD_BENCHES)[number];

export interface Amounts {
  /** Messages, or seconds of connecting. */
  readonly amount: number;
  readonly bootstrapServers: string;
}

export interface WorkloadPlan {
  readonly unit: "messages" | "connections";
  readonly topics: readonly BenchTopic[];
  /** Messages are sent to the topics before the first run. */
  readonly isFilled: boolean;
  /** The topics are made anew for each run. */
  readonly areTopicsFresh: boolean;
  readonly amount: { readonly normal: number; readonly quick: number };
  spec(amounts: Amounts): object;
  /** How much was done, and how fast in its own words. */
  read(status: StatusObject): { readonly done: number; readonly perSec?: number };
}

export type StatusObject = Readonly<Record<string, unknown>>;

const topics: readonly BenchTopic[] = [1, 2, 3].map((index) => ({
  name: `foo${index}`,
  partitions: 10,
}));
const common = { startMs: 0, durationMs: 1_200_000 };
const packageName = "org.apache.kafka.trogdor.workload";

/** Sends what the consume bench takes. */
export function fillSpec({ amount, bootstrapServers }: Amounts): object {
  return {
    ...common,
    class: `${packageName}.ProduceBenchSpec`,
    producerNode: "node0",
    bootstrapServers,
    targetMessagesPerSec: UNTHROTTLED,
    maxMessages: amount,
    valueGenerator: { type: "constant", size: VALUE_BYTES },
    activeTopics: { "foo[1-3]": { numPartitions: 10, replicationFactor: 1 } },
  };
}

export const workloadPlans: Readonly<Record<WorkloadBench, WorkloadPlan>> = {
  consume: {
    unit: "messages",
    topics,
    isFilled: true,
    areTopicsFresh: false,
    amount: { normal: 3_000_000, quick: 300_000 },
    spec: ({ amount, bootstrapServers }) => ({
      ...common,
      class: `${packageName}.ConsumeBenchSpec`,
      consumerNode: "node0",
      bootstrapServers,
      maxMessages: amount,
      activeTopics: ["foo[1-3]"],
    }),
    read(status) {
      const total = status["trogdor.total"] as StatusObject | undefined;
      const consumer = status["consumer.task0-0"] as StatusObject | undefined;
      const perSec = total?.["achievedMessagesPerSec"];
      return {
        done: Number(consumer?.["totalMessagesReceived"] ?? 0),
        ...(typeof perSec === "number" ? { perSec } : {}),
      };
    },
  },
  "round-trip": {
    unit: "messages",
    topics,
    isFilled: false,
    areTopicsFresh: true,
    amount: { normal: 500_000, quick: 50_000 },
    spec: ({ amount, bootstrapServers }) => ({
      ...common,
      class: `${packageName}.RoundTripWorkloadSpec`,
      clientNode: "node0",
      bootstrapServers,
      targetMessagesPerSec: UNTHROTTLED,
      maxMessages: amount,
      activeTopics: { "foo[1-3]": { numPartitions: 10, replicationFactor: 1 } },
    }),
    read(status) {
      const perSec = status["achievedMessagesPerSec"];
      return {
        done: Number(status["totalReceived"] ?? 0),
        ...(typeof perSec === "number" ? { perSec } : {}),
      };
    },
  },
  connect: {
    unit: "connections",
    topics: [],
    isFilled: false,
    areTopicsFresh: false,
    amount: { normal: 20, quick: 5 },
    spec: ({ amount, bootstrapServers }) => ({
      ...common,
      class: `${packageName}.ConnectionStressSpec`,
      durationMs: amount * 1000,
      clientNode: ["node0"],
      bootstrapServers,
      targetConnectionsPerSec: UNTHROTTLED,
      numThreads: 4,
      action: "CONNECT",
    }),
    read(status) {
      const done = Number(status["totalConnections"] ?? 0);
      const failed = Number(status["totalFailedConnections"] ?? 0);
      return { done: done - failed, perSec: Number(status["connectsPerSec"] ?? 0) };
    },
  },
};
