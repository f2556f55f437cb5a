// Record batches for tests: made of plain records, and read again with the protocol library's
// reader.

import { Reader } from "@kafka-wire/protocol/reader.js";
import { type RecordsBatch, readRecordsBatch } from "@kafka-wire/protocol/records.js";
import fc from "fast-check";
import type { RecordSource } from "../client.ts";
import type { ConstantTail } from "./constant-tail.ts";
import {
  appendRecord,
  batchHeaderBytes,
  createBatch,
  fieldsSize,
  type RecordBatch,
  recordSizeMax,
} from "./record-batch.ts";

export interface BytesRecord {
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly timestampMs: number;
}

export const startMs = 1_700_000_000_000;

const bytes = fc.oneof(
  fc.constant(null),
  fc.uint8Array({ maxLength: 20 }),
  fc.uint8Array({ minLength: 60, maxLength: 200 }),
);

/** Records whose times do not fall, as those of a batch. */
export const bytesRecords: fc.Arbitrary<BytesRecord[]> = fc
  .array(fc.tuple(bytes, bytes, fc.nat({ max: 100_000 })), { minLength: 1, maxLength: 90 })
  .map((fields) => {
    let timestampMs = startMs;
    return fields.map(([key, value, laterMs]) => {
      timestampMs += laterMs;
      return { key, value, timestampMs };
    });
  });

export function bytesSource(records: readonly BytesRecord[]): RecordSource {
  return {
    keySize: (position) => records[position]!.key?.byteLength ?? -1,
    valueSize: (position) => records[position]!.value?.byteLength ?? -1,
    writeKey: (position, target, offset) => target.set(records[position]!.key!, offset),
    writeValue: (position, target, offset) => target.set(records[position]!.value!, offset),
  };
}

/** The largest that a batch with these records can be. */
export function batchSizeMax(records: readonly BytesRecord[]): number {
  const sizes = records.map(({ key, value }) =>
    recordSizeMax(fieldsSize(key?.byteLength ?? -1, value?.byteLength ?? -1)),
  );
  return sizes.reduce((sum, size) => sum + size, batchHeaderBytes);
}

/** An open batch with these records; a record's intended time is its position. */
export function openBatchOf(
  records: readonly BytesRecord[],
  batch = createBatch(new Uint8Array(batchSizeMax(records))),
  tail?: ConstantTail,
): RecordBatch {
  const source = bytesSource(records);
  for (const [position, { key, value, timestampMs }] of records.entries()) {
    const keySize = key?.byteLength ?? -1;
    const valueSize = value?.byteLength ?? -1;
    const fieldsBytes = fieldsSize(keySize, valueSize);
    const nowUs = 1000 + position;
    appendRecord(
      batch,
      source,
      position,
      keySize,
      valueSize,
      fieldsBytes,
      timestampMs,
      position,
      nowUs,
      undefined,
      tail,
    );
  }
  return batch;
}

export function readBatch(wire: Uint8Array): RecordsBatch {
  return readRecordsBatch(Reader.from(Buffer.from(wire)));
}

/** Keys, values and times of a batch that was read, as records. */
export function recordsOf(batch: RecordsBatch): BytesRecord[] {
  const copy = (field: Buffer | null | undefined) => (field ? new Uint8Array(field) : null);
  return batch.records.map(({ key, value, timestampDelta }) => ({
    key: copy(key),
    value: copy(value),
    timestampMs: Number(batch.firstTimestamp + timestampDelta),
  }));
}
