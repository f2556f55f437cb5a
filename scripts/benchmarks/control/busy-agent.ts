// An agent that runs fifty ProduceBenches at 100 messages a second: how long its own answers take
// meanwhile, and what the whole tree of processes uses.

import { withBroker } from "../bench-broker.ts";
import { percentile } from "../statistics.ts";
import {
  type ControlContestant,
  type ControlDaemon,
  startControlDaemon,
} from "./control-daemon.ts";

export const BUSY_WORKERS = 50;
const RATE_PER_SEC = 100;
const ASK_EVERY_MS = 20;
const WARM_UP_MS = 5_000;
const SETTLE_WITHIN_MS = 60_000;
const DURATION_MS = 300_000;

/** Runs all contestants against one broker; answers their figures in the same order. */
export async function measureBusyAgents(
  contestants: readonly ControlContestant[],
  port: number,
  seconds: number,
  progress: (line: string) => void,
): Promise<Record<string, number>[]> {
  const figures: Record<string, number>[] = [];
  await withBroker(progress, async ({ bootstrapServers }) => {
    for (const contestant of contestants) {
      const shape = { agents: 0, agentPort: port, port };
      await using daemon = await startControlDaemon(contestant, "agent", shape);
      figures.push(await measureOne(daemon, bootstrapServers, seconds));
    }
  });
  return figures;
}

async function measureOne(
  daemon: ControlDaemon,
  bootstrapServers: string,
  seconds: number,
): Promise<Record<string, number>> {
  for (let id = 1; id <= BUSY_WORKERS; id += 1) await createWorker(daemon, id, bootstrapServers);
  await untilAllSend(daemon);
  await Bun.sleep(WARM_UP_MS);
  const cpuBefore = daemon.cpuSeconds();
  const latencies: number[] = [];
  const endMs = performance.now() + seconds * 1000;
  while (performance.now() < endMs) {
    const askedMs = performance.now();
    await (await fetch(`${daemon.url}/status`)).arrayBuffer();
    latencies.push(performance.now() - askedMs);
    await Bun.sleep(ASK_EVERY_MS);
  }
  const sorted = latencies.sort((a, b) => a - b);
  const cpuSeconds = daemon.cpuSeconds() - cpuBefore;
  return {
    "busy agent: status p50, ms": percentile(sorted, 50),
    "busy agent: status p99, ms": percentile(sorted, 99),
    "busy agent: CPU, % of a core": (cpuSeconds / seconds) * 100,
    "busy agent: memory, MB": daemon.memoryMb(),
  };
}

async function createWorker(
  { url }: ControlDaemon,
  workerId: number,
  bootstrapServers: string,
): Promise<void> {
  const spec = {
    class: "org.apache.kafka.trogdor.workload.ProduceBenchSpec",
    startMs: Date.now(),
    durationMs: DURATION_MS,
    producerNode: "n0",
    bootstrapServers,
    targetMessagesPerSec: RATE_PER_SEC,
    maxMessages: (RATE_PER_SEC * DURATION_MS) / 1000,
    activeTopics: { "busy[1-3]": { numPartitions: 10, replicationFactor: 1 } },
  };
  const response = await fetch(`${url}/worker/create`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ workerId, taskId: `busy${workerId}`, spec }),
  });
  if (response.status !== 200) throw new Error(`create answered ${await response.text()}`);
}

async function untilAllSend({ url }: ControlDaemon): Promise<void> {
  const deadlineMs = performance.now() + SETTLE_WITHIN_MS;
  for (;;) {
    const answer = await fetch(`${url}/status`);
    const { workers = {} } = (await answer.json()) as {
      workers?: Record<string, { state: string; error?: string; status?: { totalSent?: number } }>;
    };
    const all = Object.values(workers);
    const failed = all.find((worker) => worker.state === "DONE");
    if (failed !== undefined) throw new Error(`a worker has ended: ${failed.error}`);
    const sending = all.filter((worker) => (worker.status?.totalSent ?? 0) > 0);
    if (sending.length === BUSY_WORKERS) return;
    if (performance.now() > deadlineMs) throw new Error(`only ${sending.length} workers send`);
    await Bun.sleep(200);
  }
}
