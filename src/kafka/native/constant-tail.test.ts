// Batches of records with a constant tail are the same bytes as batches that hold everything.

import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { crcOverTails, createConstantTail, endTails, writeWithTails } from "./constant-tail.ts";
import { crc32c } from "./crc32c.ts";
import { closeBatch, createBatch, type RecordBatch } from "./record-batch.ts";
import { createRequestMemory } from "./request-buffers.ts";
import { type BytesRecord, batchSizeMax, openBatchOf, startMs } from "./test-batches.suite.ts";

const producer = { producerId: 7n, producerEpoch: 1, transactional: false };
const value = Uint8Array.from({ length: 70 }, (_, index) => index * 37);
const tail = createConstantTail(value);

/** Delays of 0 or long ones and short or long keys move the tails about. */
const records: fc.Arbitrary<BytesRecord[]> = fc
  .array(fc.tuple(fc.constantFrom(0, 0, 0, 70), fc.constantFrom(4, 4, 4, 5, 30)), {
    minLength: 1,
    maxLength: 70,
  })
  .map((shapes) => {
    let timestampMs = startMs;
    return shapes.map(([laterMs, keySize]) => {
      timestampMs += laterMs;
      return { key: new Uint8Array(keySize).fill(timestampMs), value, timestampMs };
    });
  });

function closed(batch: RecordBatch): RecordBatch {
  closeBatch(batch, producer, 5, undefined, crc32c);
  return batch;
}

/** With all bytes, and with heads only. */
function bothOf(of: readonly BytesRecord[]): [RecordBatch, RecordBatch] {
  const empty = createBatch(new Uint8Array(batchSizeMax(of)));
  return [closed(openBatchOf(of)), closed(openBatchOf(of, empty, tail))];
}

describe("records with a constant tail", () => {
  test("have the CRC-32C of all bytes, whatever heads and tail are", () => {
    const heads = fc.array(fc.uint8Array({ minLength: 5, maxLength: 80 }), { minLength: 1 });
    fc.assert(
      fc.property(heads, fc.uint8Array({ minLength: 1, maxLength: 200 }), (heads, value) => {
        const tail = createConstantTail(value);
        const dense = Buffer.concat(heads);
        let end = 0;
        const ends = Int32Array.from(heads, (head) => (end += head.byteLength));
        const all = Buffer.concat(heads.flatMap((head) => [head, tail.bytes]));
        expect(crcOverTails(dense, 0, ends, heads.length, tail)).toBe(crc32c(all));
      }),
      { numRuns: 300 },
    );
  });

  test("have it for values of any length", () => {
    const head = Uint8Array.of(3, 1, 4, 1, 5, 9, 2, 6);
    for (const size of [0, 1, 255, 256, 8191, 8192, 65_537, 2 ** 20, 2 ** 20 + 3]) {
      const tail = createConstantTail(new Uint8Array(size).fill(size + 1));
      const all = Buffer.concat([head, tail.bytes, head, tail.bytes]);
      const heads = Buffer.concat([head, head]);
      expect(crcOverTails(heads, 0, Int32Array.of(8, 16), 2, tail)).toBe(crc32c(all));
    }
  });

  test("make a batch of the same size and header", () => {
    fc.assert(
      fc.property(records, (records) => {
        const [whole, heads] = bothOf(records);
        expect(heads.wireBytes).toBe(whole.wire.byteLength);
        expect([...heads.buffer.subarray(0, 61)]).toEqual([...whole.wire.subarray(0, 61)]);
      }),
      { numRuns: 100 },
    );
  });

  test("are whole in requests that are written one after the other into the same memory", () => {
    const part = fc.record({ records, isWhole: fc.constantFrom(false, false, true) });
    const requests = fc.array(fc.array(part, { minLength: 1, maxLength: 4 }), { maxLength: 6 });
    fc.assert(
      fc.property(requests, (requests) => {
        const { bytes, standing } = createRequestMemory(40_000);
        for (const parts of requests) {
          let at = 0;
          let count = 0;
          const expected: Uint8Array[] = [];
          for (const { records, isWhole } of parts) {
            const [whole, heads] = bothOf(records);
            expected.push(whole.wire);
            if (isWhole) {
              bytes.set(whole.wire, at);
              at += whole.wire.byteLength;
              continue;
            }
            const { buffer, headEnds } = heads;
            at = writeWithTails(buffer, headEnds, heads.count, tail, bytes, standing, count, at);
            count += heads.count;
          }
          endTails(standing, count, at);
          expect(Buffer.concat(expected).equals(bytes.subarray(0, at))).toBe(true);
        }
      }),
      { numRuns: 200 },
    );
  });

  test("are not written again where they stand", () => {
    const same = Array.from({ length: 40 }, () => ({
      key: Uint8Array.of(1),
      value,
      timestampMs: startMs,
    }));
    const [, { buffer, headEnds, count }] = bothOf(same);
    const { bytes, standing } = createRequestMemory(40_000);
    writeWithTails(buffer, headEnds, count, tail, bytes, standing, 0, 0);
    const lastAt = standing.positions[count - 1]!;
    bytes[lastAt] = 0xee;
    writeWithTails(buffer, headEnds, count, tail, bytes, standing, 0, 0);
    expect(bytes[lastAt]).toBe(0xee);
  });
});
