// Walks the records of a parcel in place and stands for one record at a time: the RecordCursor that
// sinks are given. Batches are checked (CRC, lengths) when the walk comes to them; control batches
// and, with read_committed, batches of aborted transactions are left out.
//
//   record: length | attributes 1 | timestampDelta | offsetDelta | keyLength | key
//           | valueLength | value | headerCount | headers         (numbers are zigzag varints)

import {
  KafkaError,
  type RecordCursor,
  type RecordHeader,
  type RecordTally,
} from "../../client.ts";
import { type TallyRecords, WalkPlace } from "../batch-code/batch-code.ts";
import type { AbortFilter } from "./abort-filter.ts";
import {
  appendTimeBit,
  batchHeaderBytes,
  compressionBits,
  controlBit,
  corrupt,
  crcStart,
} from "./batch-header.ts";
import { int32At, int64At } from "./bytes.ts";
import type { Codecs } from "./codecs.ts";
import type { Parcel } from "./parcel.ts";
import { readHeaders } from "./record-headers.ts";

export interface ParcelWalk {
  readonly cursor: RecordCursor;
  /** What was wrong with a batch; the walk has ended there. */
  readonly failure: KafkaError | undefined;
  /** The offset that comes next when the present record is done with, and when it is not. */
  readonly nextOffset: number;
  readonly currentOffset: number;
  /** Nothing is left in the parcel. */
  readonly isAtEnd: boolean;
  /** Takes the parcel up from its owner's position. */
  open(parcel: Parcel): void;
  /** Lets the cursor go on for so many records. False: nothing is left to hand over. */
  allow(recordsMax: number): boolean;
  /** The record that the cursor stands on is done with. */
  leaveRecord(): void;
  /** The parcel's bytes have moved: they stand `shift` further forward in `bytes` now. */
  move(bytes: Uint8Array, shift: number): void;
  /** Where the walk is in the parcel's bytes: nothing before is needed. */
  readonly neededFrom: number;
}

export interface WalkOptions {
  readonly checkCrcs: boolean;
  readonly codecs: Codecs;
  crc32c(bytes: Uint8Array): number;
  /** Counts plain records without handing each over; undefined: there is no native code. */
  readonly tally?: TallyRecords | undefined;
}

const nothing = new Uint8Array(0);

export function createParcelWalk(options: WalkOptions): ParcelWalk {
  const { codecs, crc32c, checkCrcs } = options;
  const place = new Float64Array(WalkPlace.length);
  let filter: AbortFilter | undefined;
  let parcel: Parcel | undefined;
  /** The walk over batches, in the parcel's bytes. */
  let wire = nothing;
  let batchStart = 0;
  let wireAt = 0;
  let wireEnd = 0;
  /** The walk over records, in `bytes`: the parcel's, or a batch that was decompressed. */
  let bytes = nothing;
  let at = 0;
  let recordsEnd = 0;
  let recordsLeft = 0;
  let baseOffset = 0;
  let baseTimestamp = 0;
  let lastOffset = -1;
  let appendTime = -1;
  let headersAt = 0;
  let recordEnd = 0;
  /** The offset to go on at, and whether the cursor stands on a record below it. */
  let nextOffset = 0;
  let isOnRecord = false;
  let allowed = 0;
  let failure: KafkaError | undefined;

  function fail(what: string): boolean {
    failure = placed(corrupt(what));
    recordsLeft = 0;
    wireAt = wireEnd;
    return false;
  }

  /** Says where. */
  function placed(error: KafkaError): KafkaError {
    const { name, topicPartition } = parcel!.owner;
    const where = `partition ${topicPartition} of topic "${name}" at offset ${nextOffset}`;
    return new KafkaError(error.code, `${where}: ${error.message}`, error.retriable, error.cause);
  }

  /** Goes to the next batch that has records to hand over. */
  function nextBatch(): boolean {
    while (wireAt < wireEnd) {
      const start = wireAt;
      const end = start + 12 + int32At(wire, start + 8);
      batchStart = start;
      wireAt = end;
      baseOffset = int64At(wire, start);
      lastOffset = baseOffset + int32At(wire, start + 23);
      if (lastOffset < nextOffset) continue;
      if (checkCrcs) {
        const stored = int32At(wire, start + 17) >>> 0;
        const computed = crc32c(wire.subarray(start + crcStart, end)) >>> 0;
        if (stored !== computed) {
          return fail(`its stored CRC is ${stored}, the computed one ${computed}`);
        }
      }
      const attributes = (wire[start + 21]! << 8) | wire[start + 22]!;
      const isControl = (attributes & controlBit) !== 0;
      if (filter !== undefined && !filter.passes(wire, start, lastOffset, attributes)) {
        nextOffset = lastOffset + 1;
        continue;
      }
      const count = int32At(wire, start + 57);
      if (isControl || count === 0) {
        nextOffset = lastOffset + 1;
        continue;
      }
      if (count < 0 || count > lastOffset - baseOffset + 1) {
        return fail(`it announces ${count} records for ${lastOffset - baseOffset + 1} offsets`);
      }
      recordsLeft = count;
      appendTime = (attributes & appendTimeBit) === 0 ? -1 : int64At(wire, start + 35);
      baseTimestamp = int64At(wire, start + 27);
      return openRecords(attributes & compressionBits, start + batchHeaderBytes, end);
    }
    nextOffset = Math.max(nextOffset, parcel!.nextOffset);
    return false;
  }

  function openRecords(codec: number, start: number, end: number): boolean {
    if (codec === 0) {
      bytes = wire;
      at = start;
      recordsEnd = end;
      return true;
    }
    try {
      bytes = codecs.get(codec)!(wire.subarray(start, end)) as Uint8Array<ArrayBuffer>;
    } catch (error) {
      return fail(`its records cannot be decompressed (${String(error)})`);
    }
    at = 0;
    recordsEnd = bytes.length;
    return true;
  }

  /** A zigzag varint of at most 32 bits. */
  function varint(): number {
    let byte = bytes[at++]!;
    if (byte < 0x80) return (byte >>> 1) ^ -(byte & 1);
    let value = byte & 0x7f;
    for (let shift = 7; shift < 35; shift += 7) {
      byte = bytes[at++]!;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    return (value >>> 1) ^ -(value & 1);
  }

  /** A zigzag varint of at most 64 bits. */
  function varlong(): number {
    let byte = bytes[at++]!;
    if (byte < 0x80) return (byte >>> 1) ^ -(byte & 1);
    let value = byte & 0x7f;
    let factor = 128;
    for (let count = 1; count < 10; count++) {
      byte = bytes[at++]!;
      value += (byte & 0x7f) * factor;
      factor *= 128;
      if (byte < 0x80) break;
    }
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  function leaveRecord(): void {
    if (!isOnRecord) return;
    nextOffset = Math.max(nextOffset, cursor.offset + 1);
    isOnRecord = false;
  }

  function finishBatch(): boolean {
    if (lastOffset >= nextOffset) nextOffset = lastOffset + 1;
    return nextBatch();
  }

  function next(): boolean {
    leaveRecord();
    if (allowed === 0) return false;
    for (;;) {
      if (recordsLeft === 0 && !finishBatch()) return false;
      recordsLeft -= 1;
      const size = varint();
      recordEnd = at + size;
      if (size < 6 || recordEnd > recordsEnd) return fail(`a record's length is ${size}`);
      at += 1;
      const timestampDelta = varlong();
      const offset = baseOffset + varint();
      const keySize = varint();
      const keyOffset = at;
      if (keySize > 0) at += keySize;
      const valueSize = varint();
      const valueOffset = at;
      if (valueSize > 0) at += valueSize;
      if (at >= recordEnd || keySize < -1 || valueSize < -1) {
        return fail(`a key of ${keySize} and a value of ${valueSize} bytes in a record of ${size}`);
      }
      headersAt = at;
      at = recordEnd;
      // A batch begins before the position when the consumer began in its middle.
      if (offset < nextOffset) continue;
      if (offset > lastOffset) return fail(`a record's offset is ${offset}, above ${lastOffset}`);
      cursor.offset = offset;
      cursor.timestampMs = appendTime === -1 ? baseTimestamp + timestampDelta : appendTime;
      cursor.bytes = bytes;
      cursor.keyOffset = keyOffset;
      cursor.keySize = keySize;
      cursor.valueOffset = valueOffset;
      cursor.valueSize = valueSize;
      isOnRecord = true;
      allowed -= 1;
      return true;
    }
  }

  /** Leaves to `next` whatever is not plain, and every complaint. */
  function tally(limit: number, into: RecordTally): number {
    leaveRecord();
    const isInCopy = recordsLeft > 0 && bytes !== wire;
    if (options.tally === undefined || filter !== undefined || isInCopy) return 0;
    if (recordsLeft === 0 && wireAt >= wireEnd) return 0;
    place[WalkPlace.batchStart] = batchStart;
    place[WalkPlace.at] = at;
    place[WalkPlace.recordsEnd] = recordsEnd;
    place[WalkPlace.recordsLeft] = recordsLeft;
    place[WalkPlace.baseOffset] = baseOffset;
    place[WalkPlace.baseTimestamp] = baseTimestamp;
    place[WalkPlace.lastOffset] = lastOffset;
    place[WalkPlace.appendTime] = appendTime;
    place[WalkPlace.nextOffset] = nextOffset;
    place[WalkPlace.batchesAt] = wireAt;
    place[WalkPlace.batchesEnd] = wireEnd;
    const max = Math.min(limit, allowed);
    const count = options.tally(wire, place, max, checkCrcs ? 1 : 0, into.runs);
    bytes = wire;
    batchStart = place[WalkPlace.batchStart]!;
    at = place[WalkPlace.at]!;
    recordsEnd = place[WalkPlace.recordsEnd]!;
    recordsLeft = place[WalkPlace.recordsLeft]!;
    baseOffset = place[WalkPlace.baseOffset]!;
    baseTimestamp = place[WalkPlace.baseTimestamp]!;
    lastOffset = place[WalkPlace.lastOffset]!;
    appendTime = place[WalkPlace.appendTime]!;
    nextOffset = place[WalkPlace.nextOffset]!;
    wireAt = place[WalkPlace.batchesAt]!;
    into.bytes = place[WalkPlace.bytes]!;
    into.runCount = place[WalkPlace.runs]!;
    allowed -= count;
    if (count > 0) {
      cursor.offset = place[WalkPlace.offset]!;
      cursor.timestampMs = place[WalkPlace.timestamp]!;
      isOnRecord = true;
    }
    return count;
  }

  const cursor = {
    topic: "",
    topicPartition: 0,
    receivedUs: 0,
    next,
    offset: 0,
    timestampMs: 0,
    bytes,
    keyOffset: 0,
    keySize: 0,
    valueOffset: 0,
    valueSize: 0,
    headers: (): readonly RecordHeader[] => readHeaders(bytes, headersAt, recordEnd),
    tally,
  };

  return {
    cursor,
    get failure() {
      return failure;
    },
    get nextOffset() {
      return isOnRecord ? cursor.offset + 1 : nextOffset;
    },
    get currentOffset() {
      return isOnRecord ? cursor.offset : nextOffset;
    },
    get isAtEnd() {
      return recordsLeft === 0 && wireAt >= wireEnd;
    },
    get neededFrom() {
      return recordsLeft > 0 || isOnRecord ? batchStart : wireAt;
    },
    open(opened) {
      parcel = opened;
      wire = opened.bytes as Uint8Array<ArrayBuffer>;
      batchStart = opened.start;
      wireAt = opened.start;
      wireEnd = opened.end;
      recordsLeft = 0;
      lastOffset = -1;
      nextOffset = opened.owner.position;
      isOnRecord = false;
      failure = undefined;
      allowed = 0;
      filter = opened.filter;
      cursor.topic = opened.owner.name;
      cursor.topicPartition = opened.owner.topicPartition;
      cursor.receivedUs = opened.receivedUs;
    },
    allow(recordsMax) {
      leaveRecord();
      allowed = recordsMax;
      return recordsLeft > 0 || finishBatch();
    },
    leaveRecord,
    move(moved, shift) {
      if (bytes === wire) {
        bytes = moved as Uint8Array<ArrayBuffer>;
        at -= shift;
        recordsEnd -= shift;
        recordEnd -= shift;
        headersAt -= shift;
        cursor.bytes = bytes;
        cursor.keyOffset -= shift;
        cursor.valueOffset -= shift;
      }
      wire = moved as Uint8Array<ArrayBuffer>;
      batchStart -= shift;
      wireAt -= shift;
      wireEnd -= shift;
    },
  };
}
