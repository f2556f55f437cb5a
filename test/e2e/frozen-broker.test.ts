// Coordinated omission, against a real broker: one that stands still for 4 s must show in the
// latencies of every message that was due in that time, not only in the few that were under way.

import { describe, expect, test } from "bun:test";
import { pauseBroker, resumeBroker } from "../../scripts/kafka-cluster/cluster.ts";
import type { HdrHistogram } from "../../src/measure/hdr-histogram.ts";
import { decodeHistogram } from "../../src/measure/histogram-encoding.ts";
import { realClock } from "../../src/platform/clock/real-clock.ts";
import { ownCluster } from "../support/kafka.ts";
import { runProduceBench } from "./run-produce-bench.ts";

const FREEZE_MS = 4_000;

function samplesAbove(histogram: HdrHistogram, latencyUs: number): number {
  let count = 0;
  for (let index = 0; index < histogram.countsArrayLength; index++) {
    if (histogram.valueFromIndex(index) > latencyUs) count += histogram.getCountAtIndex(index);
  }
  return count;
}

describe("a broker frozen for 4 s at 500 messages a second", () => {
  test("shows in 1900 corrected latencies and in few service latencies", async () => {
    await using cluster = await ownCluster();
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
          const sent = typeof status === "object" && status !== null && "totalSent" in status;
          if (sent && Number(status["totalSent"]) >= 500) frozen ??= freeze();
          return undefined;
        },
      },
    );
    await frozen;
    expect(run.error).toBeUndefined();
    expect(run.status).toMatchObject({ acknowledged: 4_500, failed: 0, endReason: "completed" });
    const corrected = decodeHistogram(run.histograms.get("corrected")!);
    const service = decodeHistogram(run.histograms.get("service")!);
    expect(corrected.totalCount).toBe(4_500);
    expect(service.totalCount).toBe(4_500);
    expect(samplesAbove(corrected, 100_000)).toBeGreaterThanOrEqual(1_900);
    expect(samplesAbove(service, 100_000)).toBeLessThan(200);
  }, 90_000);
});
