// Our record batches, read with the protocol library's reader.

import { describe, expect, test } from "bun:test";
import { crc32c as referenceCrc32c } from "@kafka-wire/protocol/crc32c.js";
import fc from "fast-check";
import { loadCodec } from "./compression.ts";
import { crc32c } from "./crc32c.ts";
import { type BatchProducer, closeBatch, createBatch, resetBatch } from "./record-batch.ts";
import {
  batchSizeMax,
  bytesRecords,
  openBatchOf,
  readBatch,
  recordsOf,
  startMs,
} from "./test-batches.suite.ts";

const nobody: BatchProducer = { producerId: -1n, producerEpoch: -1, transactional: false };
const somebody: BatchProducer = { producerId: 2n ** 40n, producerEpoch: 7, transactional: false };
const someRecords = [
  { key: null, value: null, timestampMs: startMs },
  { key: new Uint8Array(0), value: new Uint8Array(0), timestampMs: startMs + 5 },
  { key: Uint8Array.of(1), value: new Uint8Array(500).fill(7), timestampMs: startMs + 3 },
];

describe("a record batch", () => {
  test("holds the keys, values, nulls and times that were appended", () => {
    fc.assert(
      fc.property(bytesRecords, (records) => {
        const batch = openBatchOf(records);
        closeBatch(batch, nobody, -1, undefined, crc32c);
        expect(recordsOf(readBatch(batch.wire))).toEqual(records);
      }),
      { numRuns: 150 },
    );
  });

  test("never takes more than recordSizeMax said", () => {
    fc.assert(
      fc.property(bytesRecords, (records) => {
        expect(openBatchOf(records).sizeBytes).toBeLessThanOrEqual(batchSizeMax(records));
      }),
      { numRuns: 150 },
    );
  });

  test("says in its header who sent it, in which place, and when", () => {
    const batch = openBatchOf(someRecords);
    closeBatch(batch, somebody, 41, undefined, crc32c);
    expect(readBatch(batch.wire)).toMatchObject({
      firstOffset: 0n,
      length: batch.wire.byteLength - 12,
      partitionLeaderEpoch: -1,
      magic: 2,
      attributes: 0,
      lastOffsetDelta: 2,
      firstTimestamp: BigInt(startMs),
      maxTimestamp: BigInt(startMs + 5),
      producerId: somebody.producerId,
      producerEpoch: 7,
      firstSequence: 41,
      records: [{ offsetDelta: 0 }, { offsetDelta: 1 }, { offsetDelta: 2 }],
    });
  });

  test("carries the CRC-32C of everything from the attributes on", () => {
    const batch = openBatchOf(someRecords);
    closeBatch(batch, somebody, 0, undefined, crc32c);
    const covered = Buffer.from(batch.wire.subarray(21));
    expect(readBatch(batch.wire).crc).toBe(referenceCrc32c(covered));
  });

  test("has the transactional bit only in a transaction", () => {
    const attributes = [false, true].map((transactional) => {
      const batch = openBatchOf(someRecords);
      closeBatch(batch, { ...somebody, transactional }, 0, undefined, crc32c);
      return readBatch(batch.wire).attributes;
    });
    expect(attributes).toEqual([0, 16]);
  });

  test.each(["gzip", "snappy", "lz4", "zstd"] as const)(
    "can be read compressed with %s",
    async (type) => {
      const codec = await loadCodec(type, undefined);
      const batch = openBatchOf(someRecords);
      closeBatch(batch, { ...somebody, transactional: true }, 3, codec, crc32c);
      const read = readBatch(batch.wire);
      expect(recordsOf(read)).toEqual(someRecords);
      expect(read.attributes).toBe(16 | codec!.attribute);
      expect(read.crc).toBe(referenceCrc32c(Buffer.from(batch.wire.subarray(21))));
    },
  );

  test.each(["none", "gzip"] as const)(
    "can be closed again in another epoch (%s)",
    async (type) => {
      const codec = await loadCodec(type, undefined);
      const batch = openBatchOf(someRecords);
      closeBatch(batch, somebody, 900, codec, crc32c);
      closeBatch(batch, { ...somebody, producerEpoch: 8 }, 0, codec, crc32c);
      const read = readBatch(batch.wire);
      expect([read.producerEpoch, read.firstSequence]).toEqual([8, 0]);
      expect(read.crc).toBe(referenceCrc32c(Buffer.from(batch.wire.subarray(21))));
      expect(recordsOf(read)).toEqual(someRecords);
    },
  );

  test("holds nothing of its former records after a reset", () => {
    const large = Array.from({ length: 100 }, () => someRecords[2]!);
    const batch = openBatchOf(large, createBatch(new Uint8Array(batchSizeMax(large))));
    closeBatch(batch, somebody, 0, undefined, crc32c);
    resetBatch(batch);
    openBatchOf(someRecords, batch);
    closeBatch(batch, somebody, 1, undefined, crc32c);
    expect(recordsOf(readBatch(batch.wire))).toEqual(someRecords);
    expect([batch.count, batch.payloadBytes, batch.attempts, batch.sentUs]).toEqual([3, 501, 0, 0]);
  });

  test("keeps the intended and the append time of every record", () => {
    const records = Array.from({ length: 300 }, () => someRecords[0]!);
    const batch = openBatchOf(records);
    expect([...batch.intendedUs.subarray(0, 300)]).toEqual(records.map((_, index) => index));
    expect([...batch.appendedUs.subarray(0, 300)]).toEqual(records.map((_, index) => 1000 + index));
    expect(batch.createdUs).toBe(1000);
  });
});
