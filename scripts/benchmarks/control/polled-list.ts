// A coordinator with a thousand finished tasks whose list is asked for ten times a second, as
// harnesses and pages do that wait for an end.

import { percentile } from "../statistics.ts";
import { type ControlContestant, startControlDaemon } from "./control-daemon.ts";
import { createTasks, listTasks, stopTasks } from "./control-load.ts";

const TASKS = 1_000;
const EVERY_MS = 100;

/** The time of an answer, and the share of a processor that the coordinator takes meanwhile. */
export async function measurePolledList(
  contestant: ControlContestant,
  port: number,
  seconds: number,
): Promise<Record<string, number>> {
  const alone = { agents: 0, agentPort: port, port };
  await using daemon = await startControlDaemon(contestant, "coordinator", alone);
  await createTasks(daemon.url, "polled-", TASKS, 1);
  await stopTasks(daemon.url, "polled-", TASKS);
  const latencies: number[] = [];
  const poll = async (count: number) => {
    for (let index = 0; index < count; index += 1) {
      const { ms } = await listTasks(daemon.url);
      latencies.push(ms);
      await Bun.sleep(EVERY_MS - Math.min(ms, EVERY_MS));
    }
  };
  await poll(20);
  latencies.length = 0;
  const cpuBefore = daemon.cpuSeconds();
  const startedMs = performance.now();
  await poll((seconds * 1000) / EVERY_MS);
  const tookSeconds = (performance.now() - startedMs) / 1000;
  const cpuSeconds = daemon.cpuSeconds() - cpuBefore;
  const sorted = latencies.sort((a, b) => a - b);
  return {
    "polled list: p50, ms": percentile(sorted, 50),
    "polled list: p99, ms": percentile(sorted, 99),
    "polled list: CPU, % of a core": (cpuSeconds / tookSeconds) * 100,
  };
}
