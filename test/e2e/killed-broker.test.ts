// A broker that is killed while ConsumeBench fetches from it, slowed down so that answers are under
// way all the time: each record is read, and the status says what happened.

import { describe, expect, test } from "bun:test";
import { killBroker } from "../../scripts/kafka-cluster/cluster.ts";
import type { StatusJson } from "../../src/tasks/define-task.ts";
import { ownCluster, uniqueName } from "../support/kafka.ts";
import { runWorkload, type StatusRecord } from "./run-workload.ts";

const MESSAGES = 9_000;
const PARTITIONS = 6;
const RATE_PER_SEC = 1_500;

const totalOf = (status: StatusJson | StatusRecord) =>
  (status as StatusRecord)["trogdor.total"] as StatusRecord;

/** Everything was read that the partitions hold, whatever was read twice. */
function isAtTheEnds(total: StatusRecord): boolean {
  return (
    (total["received"] as number) >= MESSAGES &&
    total["lagRecords"] === 0 &&
    total["lagUnknownPartitions"] === 0
  );
}

describe("ConsumeBench and a broker that is killed in mid-fetch", () => {
  test("reads each record, by hand exactly once, and counts what went wrong", async () => {
    const properties = {
      "offsets.topic.num.partitions": "3",
      "group.initial.rebalance.delay.ms": "0",
      "broker.session.timeout.ms": "3000",
      "broker.heartbeat.interval.ms": "500",
    };
    await using cluster = await ownCluster({ brokers: 3, properties });
    const bootstrapServers = cluster.data.bootstrapServers.PLAINTEXT;
    const topic = uniqueName("killed");
    const produced = await runWorkload({
      class: "ProduceBench",
      bootstrapServers,
      targetMessagesPerSec: 20_000,
      maxMessages: MESSAGES,
      activeTopics: {
        [topic]: {
          numPartitions: PARTITIONS,
          replicationFactor: 3,
          configs: { "min.insync.replicas": "2" },
        },
      },
    });
    expect(produced.error).toBeUndefined();

    const underWay = new Set<string>();
    let killing: Promise<unknown> | undefined;
    const consume = (name: string, fields: Record<string, unknown>, ends: boolean) =>
      runWorkload(
        {
          class: "ConsumeBench",
          bootstrapServers,
          targetMessagesPerSec: RATE_PER_SEC,
          maxMessages: MESSAGES,
          durationMs: 150_000,
          consumerConf: { "request.timeout.ms": "5000" },
          ...fields,
        },
        {
          taskId: name,
          onStatus(status) {
            const total = totalOf(status);
            if ((total["received"] as number) > MESSAGES / 10) underWay.add(name);
            if (underWay.size === 2) killing ??= killBroker(cluster.data.name, 2);
            return !ends && isAtTheEnds(total) ? "stopped" : undefined;
          },
        },
      );
    const [byHand, inGroup] = await Promise.all([
      consume("by-hand", { activeTopics: [`${topic}:[0-${PARTITIONS - 1}]`] }, true),
      // A group may get again what it had not committed, so it goes on until it is at the ends.
      consume("in-group", { activeTopics: [topic], maxMessages: 10 * MESSAGES }, false),
    ]);
    await killing;

    expect(byHand.error).toBeUndefined();
    expect(totalOf(byHand.status)).toMatchObject({
      received: MESSAGES,
      lagRecords: 0,
      lagUnknownPartitions: 0,
      endReason: "completed",
    });
    expect(inGroup.error).toBeUndefined();
    expect(isAtTheEnds(totalOf(inGroup.status))).toBe(true);
    expect(killing).toBeDefined();
    for (const { status } of [byHand, inGroup]) {
      const codes = Object.keys(totalOf(status)["errors"] as StatusRecord);
      expect(codes).toContain("NETWORK_EXCEPTION");
    }
  }, 300_000);
});
