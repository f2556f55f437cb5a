// What is counted and measured is the same whether records are taken as a whole or one by one.

import { describe, expect, test } from "bun:test";
import { gzipSync } from "node:zlib";
import { batchCode } from "../../kafka/native/batch-code/batch-code.ts";
import { lookAtBatches } from "../../kafka/native/consumer/batch-header.ts";
import { createCodecs } from "../../kafka/native/consumer/codecs.ts";
import { batchBytes } from "../../kafka/native/consumer/fetch-answers.suite.ts";
import { createParcelWalk } from "../../kafka/native/consumer/record-cursor.ts";
import { createSimulatedClock } from "../../platform/clock/simulated-clock.ts";
import type { RecordProcessor } from "../record-processing/record-processor.ts";
import { createConsumption, createEndToEnd, type TakingConsumer } from "./consumption.ts";

const nowMs = 1_700_000_000_000;

/** Plain batches around a compressed one; more times than fit a tally, one of them to come. */
function wire(): Uint8Array {
  const records = (first: number) =>
    Array.from({ length: 1_000 }, (_, index) => ({
      key: null,
      value: new Uint8Array((first + index) % 7),
      timestampDelta: first === 2_000 && index === 10 ? 5_000 : -first - Math.floor(index / 1.5),
    }));
  const batches = [0, 1_000, 2_000].map((baseOffset) => {
    const options = { baseOffset, records: records(baseOffset), baseTimestamp: nowMs };
    return batchBytes(
      baseOffset === 1_000 ? { ...options, attributes: 1, compress: gzipSync } : options,
    );
  });
  return Uint8Array.from(Buffer.concat(batches));
}

async function consume(isTallied: boolean, processor?: RecordProcessor) {
  const { crc32c, tally } = batchCode();
  const codecs = createCodecs();
  await codecs.load(1);
  const walk = createParcelWalk({
    ...{ checkCrcs: true, codecs, crc32c },
    tally: isTallied ? tally : undefined,
  });
  const bytes = wire();
  const look = { end: 0, nextOffset: -1, lastEpoch: -1, codecs: 0 };
  lookAtBatches(bytes, 0, bytes.length, look);
  const owner = { name: "t", topicPartition: 0, position: 0 };
  const { end, nextOffset } = look;
  const place = { owner, generation: 0, start: 0, codecs: 2, filter: undefined, receivedUs: 0 };
  walk.open({ ...place, bytes, end, nextOffset });
  const consumer = { pause() {}, progress: () => [] } as unknown as TakingConsumer;
  const endToEnd = createEndToEnd();
  const consumption = createConsumption({
    clientId: "consumer.0",
    consumer,
    clock: createSimulatedClock(nowMs),
    maxMessages: 2_900,
    ratePerSec: undefined,
    takesWhole: false,
    processor,
    endToEnd,
  });
  while (!consumption.isDone && walk.allow(5_000)) void consumer.onRecords(walk.cursor);
  const { received, bytes: size, batchLatency } = consumption;
  const { negative, clockAheadMs, leastAgeMs, histogram } = endToEnd;
  const latency = [histogram.summary(), batchLatency.summary()];
  return { received, size, latency, negative, clockAheadMs, leastAgeMs, next: walk.nextOffset };
}

describe("a consumption", () => {
  test("finds the same in records that it takes as a whole", async () => {
    const found = await consume(true);
    expect(found).toEqual(await consume(false));
    expect(found).toMatchObject({ received: 2_900, negative: 1, clockAheadMs: 5_000, next: 2_900 });
    expect(found.leastAgeMs).toBe(-5_000);
    expect(found.latency.map(({ count }) => count)).toEqual([2_900, 2_900]);
  });

  test("shows its processor each record", async () => {
    let processed = 0;
    const process = () => {
      processed += 1;
    };
    await consume(true, { process, status: () => ({}) } as unknown as RecordProcessor);
    expect(processed).toBe(2_900);
  });
});
