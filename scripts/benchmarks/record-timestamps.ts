// When each record was made, by the client's own stamp in it: read from the broker's log segments,
// so that evenness is measured alike for every tool, whatever it reports itself. To the
// millisecond.

import { readFileSync } from "node:fs";
import { percentile } from "./statistics.ts";

/** Offsets in a record batch of format 2, the only one since Kafka 0.11. */
const LENGTH_AT = 8;
const LENGTH_FROM = 12;
const ATTRIBUTES_AT = 21;
const BASE_TIMESTAMP_AT = 27;
const COUNT_AT = 57;
const RECORDS_AT = 61;

/** Of all records of these segments, ascending, in epoch milliseconds. */
export function recordTimestamps(files: readonly string[]): Float64Array {
  const timestamps = files.flatMap((file) => segmentTimestamps(readFileSync(file)));
  return Float64Array.from(timestamps).sort();
}

export function segmentTimestamps(segment: Buffer): number[] {
  const timestamps: number[] = [];
  for (let start = 0; start + RECORDS_AT <= segment.length; ) {
    if ((segment.readUInt16BE(start + ATTRIBUTES_AT) & 7) !== 0) {
      throw new Error("the batches are compressed: expected compression.type none");
    }
    const base = Number(segment.readBigInt64BE(start + BASE_TIMESTAMP_AT));
    const count = segment.readInt32BE(start + COUNT_AT);
    let at = start + RECORDS_AT;
    for (let index = 0; index < count; index++) {
      const length = readVarint(segment, at);
      // A byte of attributes stands before the difference in time.
      timestamps.push(base + readVarint(segment, length.next + 1).value);
      at = length.next + length.value;
    }
    start += LENGTH_FROM + segment.readInt32BE(start + LENGTH_AT);
  }
  return timestamps;
}

export interface Evenness {
  /** From the first record to the last. */
  readonly messagesPerSec: number;
  /** Distance of a record from its place in an even series of that rate, in milliseconds. */
  readonly errorMsP50: number;
  readonly errorMsP99: number;
  readonly errorMsMax: number;
}

/**
 * Compares with an even series at the wanted rate. Where it begins is not known from outside, so it
 * is laid where half of the records are early and half late.
 */
export function evennessOf(timestamps: Float64Array, wantedPerSec: number): Evenness {
  const shifts = timestamps.map((timestamp, index) => timestamp - (index * 1000) / wantedPerSec);
  const origin = percentile(shifts.toSorted(), 50);
  const errors = shifts.map((shift) => Math.abs(shift - origin)).sort();
  const spanMs = timestamps[timestamps.length - 1]! - timestamps[0]!;
  return {
    messagesPerSec: ((timestamps.length - 1) * 1000) / spanMs,
    errorMsP50: percentile(errors, 50),
    errorMsP99: percentile(errors, 99),
    errorMsMax: percentile(errors, 100),
  };
}

/** A zigzag number of up to 32 bits, which is what these fields hold in batches of our size. */
function readVarint(buffer: Buffer, start: number): { value: number; next: number } {
  let bits = 0;
  let shift = 0;
  let next = start;
  for (;;) {
    const byte = buffer[next++]!;
    bits |= (byte & 0x7f) << shift;
    if (byte < 0x80) break;
    shift += 7;
  }
  return { value: (bits >>> 1) ^ -(bits & 1), next };
}
