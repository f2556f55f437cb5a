// The two halves of a batch hold what the whole held.

import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { loadCodec } from "./compression.ts";
import { crc32c } from "./crc32c.ts";
import { type BatchCodec, closeBatch } from "./record-batch.ts";
import { splitBatch } from "./split-batch.ts";
import {
  type BytesRecord,
  bytesRecords,
  openBatchOf,
  readBatch,
  recordsOf,
} from "./test-batches.suite.ts";

const producer = { producerId: 5n, producerEpoch: 2, transactional: false };

/** Both halves of a batch of these records, as they were closed again. */
function halvesOf(records: readonly BytesRecord[], codec: BatchCodec | undefined) {
  const whole = openBatchOf(records);
  closeBatch(whole, producer, 100, codec, crc32c);
  const payloadBytes = whole.payloadBytes;
  const second = splitBatch(whole, whole.wire.slice(), codec);
  closeBatch(whole, producer, 100, codec, crc32c);
  closeBatch(second, producer, 100 + whole.count, codec, crc32c);
  return { halves: [whole, second] as const, payloadBytes };
}

const several = bytesRecords.filter((records) => records.length > 1);

describe("a batch that is split", () => {
  test("has its records in two batches, in order, with their times", () => {
    fc.assert(
      fc.property(several, (records) => {
        const { halves, payloadBytes } = halvesOf(records, undefined);
        const read = halves.map((half) => readBatch(half.wire));
        expect(read.flatMap(recordsOf)).toEqual(records);
        for (const [index, half] of halves.entries()) {
          const { records: inHalf, maxTimestamp, crc } = read[index]!;
          expect(inHalf.map(({ offsetDelta }) => offsetDelta)).toEqual([...inHalf.keys()]);
          const times = recordsOf(read[index]!).map(({ timestampMs }) => timestampMs);
          expect(Number(maxTimestamp)).toBe(Math.max(...times));
          expect(crc).toBe(crc32c(half.wire.subarray(21)));
          expect(half.count).toBe(inHalf.length);
        }
        const [first, second] = halves;
        expect(first.payloadBytes + second.payloadBytes).toBe(payloadBytes);
      }),
      { numRuns: 150 },
    );
  });

  test("shares out sequences, times of the records, and memory", () => {
    const record = { key: null, value: new Uint8Array(30), timestampMs: 1_700_000_000_000 };
    const { halves } = halvesOf(Array(5).fill(record), undefined);
    expect(halves.map(({ baseSequence, count }) => [baseSequence, count])).toEqual([
      [100, 2],
      [102, 3],
    ]);
    const times = halves.map(({ intendedUs, appendedUs, count }) => [
      [...intendedUs.subarray(0, count)],
      [...appendedUs.subarray(0, count)],
    ]);
    expect(times).toEqual([
      [
        [0, 1],
        [1000, 1001],
      ],
      [
        [2, 3, 4],
        [1002, 1003, 1004],
      ],
    ]);
    expect(halves[1].memoryBytes).toBe(0);
  });

  test("keeps the order of times that step back", () => {
    const startMs = 1_700_000_000_000;
    const records = [0, 900_000, 5, 899_000, 1].map((ms) => ({
      key: null,
      value: null,
      timestampMs: startMs + ms,
    }));
    const { halves } = halvesOf(records, undefined);
    expect(halves.flatMap((half) => recordsOf(readBatch(half.wire)))).toEqual(records);
  });

  test.each(["gzip", "snappy", "lz4", "zstd"] as const)(
    "stays compressed with %s",
    async (type) => {
      const codec = await loadCodec(type, undefined);
      const records = Array.from({ length: 20 }, (_, index) => ({
        key: Uint8Array.of(index),
        value: new Uint8Array(100).fill(index),
        timestampMs: 1_700_000_000_000 + index,
      }));
      const { halves } = halvesOf(records, codec);
      const read = halves.map((half) => readBatch(half.wire));
      expect(read.flatMap(recordsOf)).toEqual(records);
      expect(read.map(({ attributes }) => attributes)).toEqual([
        codec!.attribute,
        codec!.attribute,
      ]);
    },
  );
});
