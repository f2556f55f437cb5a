// Coordinated omission, against a real broker: one that stands still for 4 s must show in the
// latencies of every message that was due in that time, not only in the few that were under way.

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { pauseBroker, resumeBroker } from "../../scripts/kafka-cluster/cluster.ts";
import type { HdrHistogram } from "../../src/measure/hdr-histogram.ts";
import { decodeHistogram } from "../../src/measure/histogram-encoding.ts";
import { realClock } from "../../src/platform/clock/real-clock.ts";
import type { StatusJson } from "../../src/tasks/define-task.ts";
import { atBest } from "../support/at-best.ts";
import { type OwnCluster, ownCluster } from "../support/kafka.ts";
import { runProduceBench } from "./run-produce-bench.ts";

const FREEZE_MS = 4_000;

function samplesAbove(histogram: HdrHistogram, latencyUs: number): number {
  let count = 0;
  for (let index = 0; index < histogram.countsArrayLength; index++) {
    if (histogram.valueFromIndex(index) > latencyUs) count += histogram.getCountAtIndex(index);
  }
  return count;
}

let cluster: OwnCluster;

beforeAll(async () => {
  cluster = await ownCluster();
}, 120_000);

afterAll(() => cluster[Symbol.asyncDispose]());

/** Freezes the broker once, early in a load that takes 9 s; answers what the two clocks saw. */
async function frozenLoad() {
  const { name, bootstrapServers } = cluster.data;
  let frozen: Promise<void> | undefined;
  const freeze = async () => {
    await pauseBroker(name, 1);
    await realClock.sleep(FREEZE_MS);
    await resumeBroker(name, 1);
  };
  const run = await runProduceBench(
    {
      bootstrapServers: bootstrapServers.PLAINTEXT,
      targetMessagesPerSec: 500,
      maxMessages: 4_500,
      durationMs: 60_000,
      activeTopics: { frozen: { numPartitions: 3, replicationFactor: 1 } },
    },
    {
      onStatus(status) {
        if (sentIn(status) >= 500) frozen ??= freeze();
        return undefined;
      },
    },
  );
  await frozen;
  expect(run.error).toBeUndefined();
  expect(run.status).toMatchObject({ acknowledged: 4_500, failed: 0, endReason: "completed" });
  const corrected = decodeHistogram(run.histograms.get("corrected")!);
  const service = decodeHistogram(run.histograms.get("service")!);
  expect([corrected.totalCount, service.totalCount]).toEqual([4_500, 4_500]);
  return { corrected: samplesAbove(corrected, 100_000), service: samplesAbove(service, 100_000) };
}

/** The number of sent messages in a status; 0 for the texts before the load. */
function sentIn(status: StatusJson): number {
  if (typeof status !== "object" || status === null || !("totalSent" in status)) return 0;
  return Number(status["totalSent"]);
}

describe("a broker frozen for 4 s at 500 messages a second", () => {
  test("shows in 1900 corrected latencies and in few service latencies", async () => {
    // A machine that stalls by itself shows in the service latencies too.
    const samples = await atBest(frozenLoad, ({ service }) => service < 200);
    expect(samples.corrected).toBeGreaterThanOrEqual(1_900);
    expect(samples.service).toBeLessThan(200);
  }, 180_000);
});

describe("a broker that stays frozen", () => {
  test("does not hold a stopped task for delivery.timeout.ms", async () => {
    const { name, bootstrapServers } = cluster.data;
    let frozen: Promise<unknown> | undefined;
    let frozenStatuses = 0;
    const run = await runProduceBench(
      {
        bootstrapServers: bootstrapServers.PLAINTEXT,
        targetMessagesPerSec: 500,
        maxMessages: 100_000,
        durationMs: 60_000,
        activeTopics: { stopped: { numPartitions: 3, replicationFactor: 1 } },
      },
      {
        onStatus(status) {
          if (frozen !== undefined) frozenStatuses += 1;
          if (sentIn(status) > 0) frozen ??= pauseBroker(name, 1);
          return frozenStatuses === 2 ? "stopped" : undefined;
        },
      },
    );
    await frozen;
    await resumeBroker(name, 1);
    expect(run.error).toBeUndefined();
    expect(run.status.endReason).toBe("stopped");
    expect(run.status.acknowledged).toBeGreaterThan(0);
    expect(run.status.failed).toBeGreaterThan(0);
    expect(run.tookMs).toBeLessThan(50_000);
  }, 120_000);
});
