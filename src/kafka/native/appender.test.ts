// linger.ms: when open batches are sealed without being full, whatever the rate of the load.

import { afterEach, beforeEach, describe, expect, jest, test } from "bun:test";
import fc from "fast-check";
import { realClock } from "../../platform/clock/real-clock.ts";
import { silentLog } from "../../platform/log/log.ts";
import type { RecordSource } from "../client.ts";
import { producerConf } from "../conformance/test-load.suite.ts";
import { createAppender } from "./appender.ts";
import { createBatchPool } from "./batch-pool.ts";
import { crc32c } from "./crc32c.ts";
import { createPartitionQueue, type PartitionQueue } from "./partition-queue.ts";

const source: RecordSource = {
  keySize: () => -1,
  valueSize: () => 4,
  writeKey: () => {},
  writeValue: (position, target, offset) =>
    new DataView(target.buffer, target.byteOffset).setInt32(offset, position),
};

let base: Awaited<ReturnType<typeof producerConf>>;
beforeEach(async () => {
  base = await producerConf({ "bootstrap.servers": "nowhere:1" });
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

interface Sealed {
  readonly atUs: number;
  readonly ageUs: number;
  readonly count: number;
}

/** An appender for several topicPartitions whose batches are sent the moment they are sealed. */
function createLoad(lingerMs: number, partitionCount: number) {
  const sealed: Sealed[] = [];
  const topic = { name: "t", nameBytes: new Uint8Array(1), queues: [] as PartitionQueue[] };
  for (let index = 0; index < partitionCount; index++) {
    topic.queues.push(createPartitionQueue(topic, index));
  }
  const environment = { clock: realClock, log: silentLog };
  const pool = createBatchPool(16_384, 32 * 1024 * 1024);
  const sealing = { producer: undefined, codec: undefined, crc32c, waitingBytes: 0 };
  const appender = createAppender({
    conf: { ...base, lingerMs },
    source,
    tail: undefined,
    environment,
    leaders: {
      topics: new Map([["t", topic]]),
      queues: topic.queues,
      learn: () => Promise.resolve(),
      refreshSoon: () => {},
      close: () => {},
    },
    pool,
    sealing,
    look(queue) {
      const batch = queue.waiting.shift()!;
      const atUs = realClock.nowUs();
      sealed.push({ atUs, ageUs: atUs - batch.createdUs, count: batch.count });
      pool.give(batch);
      sealing.waitingBytes = 0;
    },
    refusal: () => undefined,
    onAppended: () => {},
    onRefused: () => {},
  });
  return { appender, sealed };
}

describe("linger.ms", () => {
  test("holds a batch that does not get full for its time, and at most a fifth more", async () => {
    const steps = fc.array(fc.tuple(fc.nat({ max: 4 }), fc.constantFrom(0, 0, 1, 3, 40)), {
      minLength: 1,
      maxLength: 60,
    });
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(1, 2, 5, 7, 50), steps, async (lingerMs, steps) => {
        const { appender, sealed } = createLoad(lingerMs, 5);
        for (const [position, [topicPartition, pauseMs]] of steps.entries()) {
          appender.send("t", topicPartition, position, position);
          // The turn ends: the next record is dated anew.
          await Promise.resolve();
          await Promise.resolve();
          if (pauseMs > 0) jest.advanceTimersByTime(pauseMs);
        }
        jest.advanceTimersByTime(lingerMs * 2 + 2);
        const records = sealed.reduce((sum, { count }) => sum + count, 0);
        expect(records).toBe(steps.length);
        const ages = sealed.map(({ ageUs }) => ageUs / 1000);
        // Whoever has waited for half the time goes along with one that is due.
        expect(Math.min(...ages)).toBeGreaterThanOrEqual(lingerMs / 2 - 1e-6);
        for (const together of Map.groupBy(sealed, ({ atUs }) => atUs).values()) {
          const oldestMs = Math.max(...together.map(({ ageUs }) => ageUs)) / 1000;
          expect(oldestMs).toBeGreaterThanOrEqual(lingerMs - 1e-6);
        }
        const checkMs = Math.max(1, Math.floor(lingerMs / 5));
        expect(Math.max(...ages)).toBeLessThanOrEqual(lingerMs + checkMs + 1e-6);
        expect(jest.getTimerCount()).toBe(0);
        appender.close();
      }),
      { numRuns: 150 },
    );
  });

  test("waits for a lone batch with one timer", async () => {
    const { appender, sealed } = createLoad(50, 1);
    for (let position = 0; position < 3; position++) {
      appender.send("t", 0, position, position);
      await Promise.resolve();
      await Promise.resolve();
      let timers = 0;
      while (jest.getTimerCount() > 0) {
        jest.advanceTimersToNextTimer();
        timers += 1;
      }
      expect({ timers, sealed: sealed.length }).toEqual({ timers: 1, sealed: position + 1 });
      jest.advanceTimersByTime(100);
    }
    expect(sealed.map(({ ageUs }) => Math.round(ageUs / 1000))).toEqual([50, 50, 50]);
    appender.close();
  });
});
