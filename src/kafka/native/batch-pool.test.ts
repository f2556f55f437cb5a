// The producer's memory stays within buffer.memory, and is used again.

import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { createBatchPool } from "./batch-pool.ts";
import type { RecordBatch } from "./record-batch.ts";

describe("the batch pool", () => {
  test("never grants more than buffer.memory, and takes back what it gave", () => {
    const step = fc.oneof(
      fc.record({ size: fc.integer({ min: 1, max: 3000 }) }),
      fc.record({ give: fc.nat() }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
        const pool = createBatchPool(1000, 10_000);
        const out: RecordBatch[] = [];
        const outBytes = () => out.reduce((sum, batch) => sum + batch.buffer.byteLength, 0);
        for (const each of steps) {
          if ("give" in each) {
            const [batch] = out.splice(each.give % Math.max(1, out.length), 1);
            if (batch !== undefined) pool.give(batch);
          } else {
            const hasRoom = pool.hasRoom(each.size);
            const batch = pool.take(each.size);
            expect(batch !== undefined).toBe(hasRoom);
            if (batch !== undefined) out.push(batch);
            if (batch !== undefined)
              expect(batch.buffer.byteLength).toBeGreaterThanOrEqual(each.size);
          }
          expect(pool.usedBytes).toBe(outBytes());
          expect(pool.usedBytes).toBeLessThanOrEqual(10_000);
        }
        for (const batch of out.splice(0)) pool.give(batch);
        expect(pool.usedBytes).toBe(0);
      }),
      { numRuns: 300 },
    );
  });

  test("gives every batch memory of its own", () => {
    const pool = createBatchPool(100_000, 4_000_000);
    const batches = Array.from({ length: 40 }, () => pool.take(100_000)!);
    for (const [index, batch] of batches.entries()) batch.buffer.fill(index);
    expect(batches.every(({ buffer }, index) => buffer.every((byte) => byte === index))).toBe(true);
    expect(pool.take(1)).toBeUndefined();
  });

  test("grants one record that is larger than buffer.memory, alone", () => {
    const pool = createBatchPool(1000, 5000);
    const giant = pool.take(20_000);
    expect(giant?.buffer.byteLength).toBe(20_000);
    expect([pool.take(1), pool.hasRoom(1)]).toEqual([undefined, false]);
    pool.give(giant!);
    expect(pool.take(1)).toBeDefined();
  });

  test("uses the memory that came back last first, empty", () => {
    const pool = createBatchPool(1000, 5000);
    const [first, second] = [pool.take(1)!, pool.take(1)!];
    first.count = 3;
    pool.give(second);
    pool.give(first);
    expect(pool.take(1)).toBe(first);
    expect(first.count).toBe(0);
  });
});
