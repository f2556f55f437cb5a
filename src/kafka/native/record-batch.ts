// One batch of records for one topicPartition, written straight into one preallocated buffer in the
// form of the record batch v2 (https://kafka.apache.org/documentation/#recordbatch): no object and
// no buffer for each record. The times of the records stand beside it in two arrays of numbers.
// Of records with a constant tail (see constant-tail.ts) the buffer holds the heads only.
//
//   0 baseOffset 8 | 8 batchLength 4 | 12 leaderEpoch 4 | 16 magic 1 | 17 crc 4 | 21 attributes 2
//   23 lastOffsetDelta 4 | 27 baseTimestamp 8 | 35 maxTimestamp 8 | 43 producerId 8
//   51 producerEpoch 2 | 53 baseSequence 4 | 57 recordCount 4 | 61 records
//
// The CRC covers everything from the attributes on.

import type { KafkaError, RecordSource } from "../client.ts";
import { type ConstantTail, crcOverTails } from "./constant-tail.ts";
import { unsignedVarintSize, varintSize, writeVarint } from "./varint.ts";

export const batchHeaderBytes = 61;

/** Attribute bits. */
const transactionalBit = 0x10;

const crcStart = 21;
const initialTimes = 64;

export interface RecordBatch {
  /**
   * Room for the whole batch; at least batch.size. Empty once it was lent back (see batch-pool).
   */
  buffer: Uint8Array;
  /** What the batch counts against buffer.memory, with or without its buffer. */
  memoryBytes: number;
  /** Bytes of the buffer used so far, header included. */
  usedBytes: number;
  /** The size of the batch so far, header and tails included, before compression. */
  sizeBytes: number;
  count: number;
  /** Bytes of keys and values. */
  payloadBytes: number;
  baseTimestampMs: number;
  maxTimestampMs: number;
  intendedUs: Float64Array;
  appendedUs: Float64Array;
  /** When the first record was appended: linger.ms and delivery.timeout.ms count from here. */
  createdUs: number;
  /** When its first request went to the socket; 0 before. */
  sentUs: number;
  attempts: number;
  /** -1 without idempotence. */
  baseSequence: number;
  /** What every record ends with; its bytes are not in the buffer, but they count in the sizes. */
  tail: ConstantTail | undefined;
  /** Where the heads end in the buffer; only with a tail. */
  headEnds: Int32Array;
  /** What goes over the wire once closed: the buffer's used part, or its compressed form. */
  wire: Uint8Array;
  /** The size of `wire`; with a tail, of what `wire` would be. */
  wireBytes: number;
  /** The part of `wire` that the CRC covers, and a view of its header. */
  crcBytes: Uint8Array;
  view: DataView;
  /** Why its last attempt failed, for the case that it expires. */
  lastError: KafkaError | undefined;
}

export const nothing = new Uint8Array(0);
const noEnds = new Int32Array(0);

export function createBatch(buffer: Uint8Array): RecordBatch {
  return {
    buffer,
    memoryBytes: buffer.byteLength,
    usedBytes: batchHeaderBytes,
    sizeBytes: batchHeaderBytes,
    count: 0,
    payloadBytes: 0,
    baseTimestampMs: 0,
    maxTimestampMs: 0,
    intendedUs: new Float64Array(initialTimes),
    appendedUs: new Float64Array(initialTimes),
    createdUs: 0,
    sentUs: 0,
    attempts: 0,
    baseSequence: -1,
    tail: undefined,
    headEnds: noEnds,
    wire: nothing,
    wireBytes: 0,
    crcBytes: nothing,
    view: new DataView(nothing.buffer),
    lastError: undefined,
  };
}

/** Makes a used batch ready for new records; its buffer and arrays stay. */
export function resetBatch(batch: RecordBatch): void {
  batch.usedBytes = batchHeaderBytes;
  batch.sizeBytes = batchHeaderBytes;
  batch.count = 0;
  batch.payloadBytes = 0;
  batch.sentUs = 0;
  batch.attempts = 0;
  batch.baseSequence = -1;
  batch.lastError = undefined;
}

/** Bytes of a record's key and value (-1: null) with their lengths. */
export function fieldsSize(keySize: number, valueSize: number): number {
  return fieldSize(keySize) + fieldSize(valueSize);
}

/** Bytes that a record with these `fieldsSize` takes in a batch, at the most. */
export function recordSizeMax(fieldsBytes: number): number {
  const body = 1 + 5 + 5 + fieldsBytes + 1;
  return body + unsignedVarintSize(body * 2);
}

function fieldSize(size: number): number {
  return size < 0 ? 1 : varintSize(size) + size;
}

/**
 * Appends record `position` of the source. The caller has checked that `recordSizeMax` fits.
 * `writtenKey` replaces the source's key when the key had to be made before (to choose the
 * partition); `tail` replaces its value.
 */
export function appendRecord(
  batch: RecordBatch,
  source: RecordSource,
  position: number,
  keySize: number,
  valueSize: number,
  fieldsBytes: number,
  timestampMs: number,
  intendedUs: number,
  nowUs: number,
  writtenKey: Uint8Array | undefined,
  tail: ConstantTail | undefined,
): void {
  const index = batch.count;
  if (index === 0) {
    batch.baseTimestampMs = timestampMs;
    batch.maxTimestampMs = timestampMs;
    batch.createdUs = nowUs;
    batch.tail = tail;
  } else if (timestampMs > batch.maxTimestampMs) {
    batch.maxTimestampMs = timestampMs;
  }
  const delta = timestampMs - batch.baseTimestampMs;
  const { buffer } = batch;
  const bodySize = 2 + varintSize(delta) + varintSize(index) + fieldsBytes;
  const start = batch.usedBytes;
  let at = writeVarint(buffer, start, bodySize);
  buffer[at++] = 0; // the record's attributes: none are defined
  at = writeVarint(buffer, at, delta);
  at = writeVarint(buffer, at, index);
  at = writeVarint(buffer, at, keySize);
  if (keySize > 0) {
    if (writtenKey === undefined) source.writeKey(position, buffer, at);
    else buffer.set(writtenKey, at);
    at += keySize;
    batch.payloadBytes += keySize;
  }
  if (valueSize > 0) batch.payloadBytes += valueSize;
  if (tail === undefined) {
    at = writeVarint(buffer, at, valueSize);
    if (valueSize > 0) {
      source.writeValue(position, buffer, at);
      at += valueSize;
    }
    buffer[at++] = 0; // no headers
  } else {
    if (index === batch.headEnds.length) growEnds(batch);
    batch.headEnds[index] = at;
    batch.sizeBytes += tail.bytes.byteLength;
  }
  batch.usedBytes = at;
  batch.sizeBytes += at - start;
  if (index === batch.intendedUs.length) growTimes(batch);
  batch.intendedUs[index] = intendedUs;
  batch.appendedUs[index] = nowUs;
  batch.count = index + 1;
}

function growEnds(batch: RecordBatch): void {
  const larger = new Int32Array(Math.max(initialTimes, batch.headEnds.length * 2));
  larger.set(batch.headEnds);
  batch.headEnds = larger;
}

function growTimes(batch: RecordBatch): void {
  const larger = batch.intendedUs.length * 2;
  const intended = new Float64Array(larger);
  intended.set(batch.intendedUs);
  batch.intendedUs = intended;
  const appended = new Float64Array(larger);
  appended.set(batch.appendedUs);
  batch.appendedUs = appended;
}

/** Who sends the batch, for the broker's check of duplicates and order. */
export interface BatchProducer {
  /** -1n without idempotence. */
  readonly producerId: bigint;
  readonly producerEpoch: number;
  readonly transactional: boolean;
}

export interface BatchCodec {
  /** The compression bits of the attributes: 0 none, 1 gzip, 2 snappy, 3 lz4, 4 zstd. */
  readonly attribute: number;
  compress(records: Uint8Array): Uint8Array;
  decompress(bytes: Uint8Array): Uint8Array;
}

/**
 * Completes the batch: compresses, writes the header, computes the CRC. May be called again with
 * another producer or sequence (after an epoch bump), for the records are not touched.
 */
export function closeBatch(
  batch: RecordBatch,
  producer: BatchProducer,
  baseSequence: number,
  codec: BatchCodec | undefined,
  crc32c: (bytes: Uint8Array) => number,
): void {
  const { tail } = batch;
  if (tail !== undefined) {
    batch.wireBytes = batch.sizeBytes;
    if (batch.view.byteLength === 0) batch.view = headerView(batch.buffer);
  } else if (codec === undefined) {
    // Views of the buffer's last use serve again when the batch is as long, as it often is.
    if (batch.wire.byteLength !== batch.sizeBytes) {
      setWire(batch, batch.buffer.subarray(0, batch.sizeBytes));
    }
    batch.wireBytes = batch.sizeBytes;
  } else if (batch.wire.byteLength === 0) {
    const records = codec.compress(batch.buffer.subarray(batchHeaderBytes, batch.sizeBytes));
    const wire = new Uint8Array(batchHeaderBytes + records.byteLength);
    wire.set(records, batchHeaderBytes);
    setWire(batch, wire);
  }
  batch.baseSequence = baseSequence;
  const { view } = batch;
  const id = producerIdHalves(producer);
  view.setInt32(0, 0);
  view.setInt32(4, 0);
  view.setInt32(8, batch.wireBytes - 12);
  view.setInt32(12, -1);
  view.setInt8(16, 2);
  view.setInt16(21, (codec?.attribute ?? 0) | (producer.transactional ? transactionalBit : 0));
  view.setInt32(23, batch.count - 1);
  view.setInt32(27, Math.floor(batch.baseTimestampMs / 2 ** 32));
  view.setInt32(31, batch.baseTimestampMs | 0);
  view.setInt32(35, Math.floor(batch.maxTimestampMs / 2 ** 32));
  view.setInt32(39, batch.maxTimestampMs | 0);
  view.setInt32(43, id.high);
  view.setInt32(47, id.low);
  view.setInt16(51, producer.producerEpoch);
  view.setInt32(53, baseSequence);
  view.setInt32(57, batch.count);
  const crc =
    tail === undefined
      ? crc32c(batch.crcBytes)
      : crcOverTails(batch.buffer, crcStart, batch.headEnds, batch.count, tail);
  view.setInt32(17, crc);
}

/** Replaces what goes over the wire by the same bytes elsewhere. */
export function setWire(batch: RecordBatch, wire: Uint8Array): void {
  batch.wire = wire;
  batch.wireBytes = wire.byteLength;
  batch.crcBytes = wire.subarray(crcStart);
  batch.view = headerView(wire);
}

function headerView(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, batchHeaderBytes);
}

interface Halves {
  readonly high: number;
  readonly low: number;
}

const halvesOf = new WeakMap<BatchProducer, Halves>();

/** The two 32-bit halves of the producer id, so that no batch computes with big integers. */
function producerIdHalves(producer: BatchProducer): Halves {
  let halves = halvesOf.get(producer);
  if (halves === undefined) {
    const high = Number(BigInt.asIntN(32, producer.producerId >> 32n));
    halves = { high, low: Number(BigInt.asIntN(32, producer.producerId)) };
    halvesOf.set(producer, halves);
  }
  return halves;
}
