// How far a node's clock is from the controller's stands in the status of who produces and of who
// consumes, so that two hosts can be compared; here both are the controller's own host.

import { beforeAll, describe, expect, test } from "bun:test";
import { sharedCluster, uniqueName } from "../support/kafka.ts";
import { runWorkload, type StatusRecord } from "./run-workload.ts";

const topic = uniqueName("clock");
let bootstrapServers = "";

beforeAll(async () => {
  bootstrapServers = (await sharedCluster()).bootstrapServers.PLAINTEXT;
}, 120_000);

interface Clock {
  readonly nodeId?: number;
  readonly aheadMs: { readonly min: number; readonly max: number };
}

/** Runs until the clock is known. */
async function clockOf(
  fields: Record<string, unknown>,
  clockIn: (status: StatusRecord) => unknown,
) {
  const { error, status } = await runWorkload(
    { bootstrapServers, maxMessages: 1_000_000, targetMessagesPerSec: 100, ...fields },
    {
      onStatus: (status) =>
        typeof status === "object" && (clockIn(status as StatusRecord) as Clock)?.nodeId === 1
          ? "stopped"
          : undefined,
    },
  );
  expect(error).toBeUndefined();
  return { clock: clockIn(status) as Clock, status };
}

describe("the offset to the controller's clock", () => {
  test("is in the status of ProduceBench and ConsumeBench, and holds 0 on one host", async () => {
    const produced = await clockOf(
      { class: "ProduceBench", activeTopics: { [topic]: { replicationFactor: 1 } } },
      (status) => status["controllerClock"],
    );
    const total = (status: StatusRecord) => status["trogdor.total"] as StatusRecord;
    const consumed = await clockOf(
      { class: "ConsumeBench", activeTopics: [topic] },
      (status) => total(status)?.["controllerClock"],
    );
    for (const { clock } of [produced, consumed]) {
      expect(clock.aheadMs.min).toBeLessThanOrEqual(0);
      expect(clock.aheadMs.max).toBeGreaterThanOrEqual(0);
    }
    const { min, max } = total(consumed.status)["stampsAheadMs"] as { min: number; max: null };
    expect(min).toBeLessThanOrEqual(0);
    expect(max).toBeNull();
  }, 120_000);
});
