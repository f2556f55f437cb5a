// A ProduceBench on the clients' node of a cluster that has faults: what it says of itself shows
// the effect of a fault, and that it is over.

import { eventually } from "./daemon-process.ts";
import type { FaultyCluster } from "./faulty-cluster.ts";

export interface LoadStatus {
  readonly acknowledged: number;
  readonly failed: number;
  readonly p50LatencyMs: number;
  readonly p99LatencyMs: number;
}

export interface ClusterLoad {
  /** Resolves when records are acknowledged at the asked rate again. */
  goesOn(): Promise<void>;
  /** Resolves when most of its records took less than that. */
  recovers(delayMs: number): Promise<void>;
  /** Ends it; answers its last words. */
  end(): Promise<LoadStatus>;
}

const ratePerSec = 200;
const longestMs = 240_000;
const withinMs = 60_000;

/** One topicPartition on each leader of the list; every broker has a replica. */
export async function startLoad(
  cluster: FaultyCluster,
  topic: string,
  leaders: readonly number[],
): Promise<ClusterLoad> {
  const id = `load-${topic}`;
  const replicas = (leader: number) => [leader, ...[1, 2, 3].filter((id) => id !== leader)];
  const assignments = leaders.map((leader, at) => [String(at), replicas(leader)]);
  await cluster.createTask(id, {
    class: "ProduceBench",
    producerNode: "clients",
    durationMs: longestMs,
    bootstrapServers: cluster.bootstrapServers,
    targetMessagesPerSec: ratePerSec,
    maxMessages: 1_000_000,
    producerConf: { "delivery.timeout.ms": "60000", "request.timeout.ms": "1500", acks: "all" },
    activeTopics: { [topic]: { partitionAssignments: Object.fromEntries(assignments) } },
  });
  const shown = async () => {
    const { status, state, error } = await cluster.showTask(id);
    if (state === "DONE") throw new Error(`the load has ended: ${error}`);
    return status as Partial<LoadStatus> | null;
  };
  const acknowledged = async () => Number((await shown())?.acknowledged ?? 0);
  const grows = async (count: number) => {
    const from = await acknowledged();
    const hasGrown = async () => (await acknowledged()) >= from + count;
    if (!(await eventually(hasGrown, withinMs))) throw new Error(`${id} does not go on`);
  };
  await grows(1);
  return {
    goesOn: () => grows(ratePerSec),
    async recovers(delayMs) {
      await grows(ratePerSec);
      const isQuick = async () => Number((await shown())?.p50LatencyMs) < delayMs;
      if (!(await eventually(isQuick, withinMs))) throw new Error(`${id} stays slow`);
    },
    async end() {
      await cluster.trogdor("client", "stop", id);
      const { status, error } = await cluster.waitForTask(id);
      if (error !== undefined) throw new Error(`${id}: ${error}`);
      return status as LoadStatus;
    },
  };
}
