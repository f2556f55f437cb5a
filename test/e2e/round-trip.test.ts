// RoundTripWorkload against a real broker: every message comes back, old ones do not count, and
// what is lost is named.

import { beforeAll, describe, expect, test } from "bun:test";
import { sharedCluster, uniqueName } from "../support/kafka.ts";
import { type RunOptions, runWorkload } from "./run-workload.ts";

let servers = "";

beforeAll(async () => {
  servers = (await sharedCluster()).bootstrapServers.PLAINTEXT;
}, 120_000);

function run(fields: Record<string, unknown>, options?: RunOptions) {
  return runWorkload(
    {
      class: "RoundTripWorkload",
      bootstrapServers: servers,
      targetMessagesPerSec: 5_000,
      maxMessages: 1_000,
      ...fields,
    },
    options,
  );
}

const two = { numPartitions: 2, replicationFactor: 1 };

describe("RoundTripWorkload", () => {
  test("gets every message back through kafkajs", async () => {
    const { status, error } = await run({
      clientLibrary: "kafkajs",
      maxMessages: 300,
      activeTopics: { [uniqueName("kafkajs")]: two },
    });
    expect(error).toBeUndefined();
    expect(status).toMatchObject({ totalReceived: 300, lost: 0, clientLibrary: "kafkajs" });
  }, 120_000);

  test("gets every message back", async () => {
    const { status, statuses, histograms, error, tookMs } = await run({
      activeTopics: { [`${uniqueName("trip")}[1-2]`]: two },
    });
    expect(error).toBeUndefined();
    expect(statuses.slice(0, 2)).toEqual(["Creating 2 topic(s)", "Created 2 topic(s)"]);
    expect(status).toMatchObject({
      totalUniqueSent: 1000,
      totalReceived: 1000,
      acknowledged: 1000,
      pending: 0,
      lost: 0,
      duplicates: 0,
      foreign: 0,
      errors: {},
      bytes: 36_000,
      warnings: [],
      endReason: "completed",
    });
    expect([...histograms.keys()]).toEqual(["roundTrip", "acknowledgement", "service"]);
    expect(tookMs).toBeLessThan(40_000);
  }, 120_000);

  test("does not count what a run before left in the topic", async () => {
    const activeTopics = { [uniqueName("again")]: two };
    await run({ activeTopics });
    const { status, error } = await run({ activeTopics, maxMessages: 400 });
    expect(error).toBeUndefined();
    expect(status).toMatchObject({ totalReceived: 400, duplicates: 0, foreign: 0 });
  }, 120_000);

  test("takes only its own messages where others write as well", async () => {
    const topic = uniqueName("shared");
    const activeTopics = { [topic]: two };
    const other = { valueGenerator: { type: "constant", size: 10 } };
    // For so long that the runs overlap however late one of them starts.
    const trip = { activeTopics, targetMessagesPerSec: 400 };
    const [first, second] = await Promise.all([
      run(trip),
      run({ ...trip, ...other }, { taskId: "task1" }),
    ]);
    for (const { status, error } of [first, second]) {
      expect(error).toBeUndefined();
      expect(status).toMatchObject({ totalReceived: 1000, duplicates: 0, lost: 0 });
      expect(status["foreign"] as number).toBeGreaterThan(0);
    }
  }, 120_000);

  test("ends at once when nothing is asked for", async () => {
    const { status, error } = await run({
      activeTopics: { [uniqueName("zero")]: two },
      maxMessages: 0,
    });
    expect(error).toBeUndefined();
    expect(status).toMatchObject({ totalUniqueSent: 0, totalReceived: 0, endReason: "completed" });
  }, 120_000);

  test("says what had come back when it is stopped", async () => {
    const { status, error } = await run(
      { activeTopics: { [uniqueName("stopped")]: two }, maxMessages: 1_000_000 },
      {
        onStatus: (status) =>
          typeof status === "object" &&
          Number((status as { totalReceived: number }).totalReceived) > 0
            ? "stopped"
            : undefined,
      },
    );
    expect(error).toBeUndefined();
    expect(status).toMatchObject({ endReason: "stopped", lost: 0 });
    expect(status["totalReceived"] as number).toBeGreaterThan(0);
  }, 120_000);

  test("names messages that were acknowledged and are gone", async () => {
    // Without acknowledgements nobody hears that the broker refuses what is too large.
    const small = { type: "constant", size: 10 };
    const large = { type: "constant", size: 5_000 };
    const { status, error, tookMs } = await run({
      activeTopics: { [uniqueName("lost")]: { ...two, configs: { "max.message.bytes": "1000" } } },
      targetMessagesPerSec: 50,
      maxMessages: 40,
      producerConf: { acks: "0", "enable.idempotence": "false" },
      valueGenerator: {
        type: "randomComponent",
        components: [
          { percent: 90, component: small },
          { percent: 10, component: large },
        ],
      },
    });
    expect(error?.message).toMatch(
      /^\d+ of 40 messages were acknowledged and did not come back: \d/,
    );
    expect(status).toMatchObject({ acknowledged: 40, endReason: "failed" });
    expect(status["lost"] as number).toBeGreaterThan(0);
    expect(tookMs).toBeLessThan(40_000);
  }, 120_000);
});
