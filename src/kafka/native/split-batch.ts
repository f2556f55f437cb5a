// Cuts a batch that a broker found too large (MESSAGE_TOO_LARGE) into two, as the Java client does:
// max.message.bytes of a topic can be smaller than batch.size. A record that is too large alone
// fails alone. A broker does not know the halves of a batch that it has written: what is too large
// now was too large before, unless somebody lowers the limit right after an answer was lost.

import type { RecordBatch } from "./record-batch.ts";
import { type BatchCodec, batchHeaderBytes, createBatch, nothing } from "./record-batch.ts";
import { varintSize, writeVarint } from "./varint.ts";

/** What a record's two numbers can take more in another batch. */
const recordGrowthMax = 10;

/**
 * `batch` keeps the first half of its records; the second half is the answer. Both have to be
 * closed again. `wire` is what was sent, which the two go on using.
 */
export function splitBatch(
  batch: RecordBatch,
  wire: Uint8Array,
  codec: BatchCodec | undefined,
): RecordBatch {
  const bytes = codec === undefined ? wire : decompressed(wire, codec);
  const firstCount = batch.count >> 1;
  const first = readRecords(bytes, batchHeaderBytes, firstCount);
  const secondCount = batch.count - firstCount;
  const second = rebase(batch, bytes, first.end, secondCount);
  second.intendedUs = batch.intendedUs.slice(firstCount, batch.count);
  second.appendedUs = batch.appendedUs.slice(firstCount, batch.count);
  second.createdUs = batch.createdUs;
  second.sentUs = batch.sentUs;
  second.attempts = batch.attempts;
  second.lastError = batch.lastError;
  batch.buffer = bytes;
  batch.wire = nothing;
  batch.usedBytes = first.end;
  batch.sizeBytes = first.end;
  batch.count = firstCount;
  batch.payloadBytes = first.payloadBytes;
  batch.maxTimestampMs = batch.baseTimestampMs + first.deltaMax;
  return second;
}

function decompressed(wire: Uint8Array, codec: BatchCodec): Uint8Array {
  const records = codec.decompress(wire.subarray(batchHeaderBytes));
  const bytes = new Uint8Array(batchHeaderBytes + records.byteLength);
  bytes.set(records, batchHeaderBytes);
  return bytes;
}

/** A batch of the `count` records from `start` on, whose numbers begin anew. */
function rebase(of: RecordBatch, bytes: Uint8Array, start: number, count: number): RecordBatch {
  const batch = createBatch(
    new Uint8Array(batchHeaderBytes + bytes.byteLength - start + count * recordGrowthMax),
  );
  // The memory of both halves is what the whole batch was granted.
  batch.memoryBytes = 0;
  const { buffer } = batch;
  let from = start;
  let at = batchHeaderBytes;
  let deltaMax = 0;
  for (let index = 0; index < count; index++) {
    const record = readRecord(bytes, from);
    if (index === 0) batch.baseTimestampMs = of.baseTimestampMs + record.delta;
    const delta = of.baseTimestampMs + record.delta - batch.baseTimestampMs;
    const fields = bytes.subarray(record.fieldsAt, record.end);
    at = writeVarint(buffer, at, 1 + varintSize(delta) + varintSize(index) + fields.byteLength);
    buffer[at++] = 0;
    at = writeVarint(buffer, writeVarint(buffer, at, delta), index);
    buffer.set(fields, at);
    at += fields.byteLength;
    from = record.end;
    batch.payloadBytes += record.payloadBytes;
    deltaMax = Math.max(deltaMax, delta);
  }
  batch.usedBytes = at;
  batch.sizeBytes = at;
  batch.count = count;
  batch.maxTimestampMs = batch.baseTimestampMs + deltaMax;
  return batch;
}

/** What `count` records from `start` on hold together. */
function readRecords(bytes: Uint8Array, start: number, count: number) {
  let end = start;
  let payloadBytes = 0;
  let deltaMax = 0;
  for (let index = 0; index < count; index++) {
    const record = readRecord(bytes, end);
    end = record.end;
    payloadBytes += record.payloadBytes;
    deltaMax = Math.max(deltaMax, record.delta);
  }
  return { end, payloadBytes, deltaMax };
}

/** The parts of one of our own records that a split needs. */
function readRecord(bytes: Uint8Array, start: number) {
  let at = start;
  const readVarint = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++]!;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return (value >>> 1) ^ -(value & 1);
    }
  };
  const size = readVarint();
  const end = at + size;
  at += 1; // attributes
  const delta = readVarint();
  readVarint(); // the offset's delta
  const fieldsAt = at;
  const keySize = Math.max(0, readVarint());
  at += keySize;
  const valueSize = Math.max(0, readVarint());
  return { end, delta, fieldsAt, payloadBytes: keySize + valueSize };
}
