// Real Kafka for tests: `sharedCluster` starts a cluster on free ports the first time and hands out
// the same one for the rest of the test run, so tests use topics of their own names (`uniqueName`).
// A test that stops, pauses or kills brokers takes `ownCluster` and ends it itself. Clusters end
// with the test run, however that ends.

import { existsSync } from "node:fs";
import { startCluster, stopCluster } from "../../scripts/kafka-cluster/cluster.ts";
import type { ClusterData } from "../../scripts/kafka-cluster/connection-data.ts";
import { keepUntilEnd } from "../../scripts/kafka-cluster/keep-until-end.ts";
import type { ClusterRequest } from "../../scripts/kafka-cluster/options.ts";
import { testClusterPrefix } from "../../scripts/kafka-cluster/test-clusters.ts";
import { type BrokerUnderTest, brokerUnderTest } from "./broker-under-test.ts";

export type { ClusterData } from "../../scripts/kafka-cluster/connection-data.ts";

/** What a test may ask for; the name and the ports are chosen here. */
export type TestClusterRequest = Omit<ClusterRequest, "name" | "port">;

export interface OwnCluster extends AsyncDisposable {
  readonly data: ClusterData;
}

/**
 * For tests with real brokers: rebalances alone take seconds. When a test takes too long, Bun kills
 * every process that the test run has started, which takes the shared cluster from the tests
 * behind it.
 */
export const testLimitMs = 60_000;

const shared = new Map<string, Promise<ClusterData>>();
let ownClusters = 0;

/**
 * A cluster like this one for the whole run. The first test that asks waits for the start (5 to 10
 * s), so ask in `beforeAll` with a timeout of a minute. One that was killed is started again.
 */
export async function sharedCluster(request: TestClusterRequest = {}): Promise<ClusterData> {
  if (brokerUnderTest !== undefined) return givenCluster(brokerUnderTest);
  const key = Bun.hash(JSON.stringify(Object.entries(request).sort())).toString(36);
  const existing = shared.get(key);
  if (existing !== undefined && isUp(await existing)) return existing;
  const started = startTestCluster(`${testClusterPrefix()}${key}`, request);
  shared.set(key, started);
  // Whoever asks next tries again: one start that failed must not fail the rest of the run.
  started.catch(() => shared.delete(key));
  return started;
}

/** A cluster for one test: `await using cluster = await ownCluster({ brokers: 3 })`. */
export async function ownCluster(request: TestClusterRequest = {}): Promise<OwnCluster> {
  ownClusters += 1;
  const name = `${testClusterPrefix()}own-${process.pid}-${ownClusters}`;
  const data = await startTestCluster(name, request);
  const dispose = async () => {
    await stopCluster(name, true);
  };
  return { data, [Symbol.asyncDispose]: dispose };
}

/** A topic or group name that no other test of this run uses. */
export function uniqueName(prefix: string): string {
  const from = brokerUnderTest?.namePrefix ?? "";
  return `${from}${prefix}-${crypto.randomUUID().slice(0, 8)}`;
}

/** A cluster that somebody else runs: its address is all that tests know of it. */
function givenCluster({ conf, brokerIds }: BrokerUnderTest): ClusterData {
  const servers = conf["bootstrap.servers"]!;
  return {
    name: servers,
    version: "unknown",
    clusterId: "unknown",
    bootstrapServers: { PLAINTEXT: servers },
    brokers: brokerIds.map((id) => ({ id, state: "running", listeners: {}, logFile: "" })),
    users: [],
    saslMechanisms: [],
    dataDir: "",
  };
}

function isUp({ brokers }: ClusterData): boolean {
  return brokers.every(({ pid }) => pid !== undefined && existsSync(`/proc/${pid}`));
}

async function startTestCluster(name: string, request: TestClusterRequest): Promise<ClusterData> {
  keepUntilEnd(name);
  const heap = request.heap ?? "400m";
  const { data } = await startCluster({ fastJvm: true, ...request, heap, name, port: "auto" });
  return data;
}
