// HdrHistogram's compressed V2 encoding (base64), which every HdrHistogram library reads, so that
// histograms of several nodes merge without loss. Written here because hdr-histogram-js finds its
// compression through `eval`, which a bundled executable cannot follow, and fills two header fields
// (index offset, unit ratio) otherwise than the Java library does.
//
//     compressed: cookie int32 | length int32 | zlib of:
//     plain:      cookie int32 | payload length int32 | index offset int32 | digits int32
//                 | lowest int64 | highest int64 | unit ratio float64 | counts, zigzag LEB128
//
// A negative number in the payload stands for that many zeros. All integers are big endian.

import { deflateSync, inflateSync } from "node:zlib";
import { createHdrHistogram, type HdrHistogram } from "./hdr-histogram.ts";

const PLAIN_COOKIE = 0x1c849303 | 0x10;
const COMPRESSED_COOKIE = 0x1c849304 | 0x10;
const HEADER_BYTES = 40;
/** Counts stay below 2^53, so zigzag needs at most 54 bits: 8 bytes of 7. */
const WORD_BYTES_MAX = 8;
/** A foreign histogram may be this large: 5 digits over an hour in nanoseconds. */
const DECODED_BYTES_MAX = 64 * 1024 * 1024;

export function encodeHistogram(histogram: HdrHistogram): string {
  const plain = encodePlain(histogram);
  const packed = deflateSync(plain);
  const out = Buffer.allocUnsafe(8 + packed.length);
  out.writeInt32BE(COMPRESSED_COOKIE, 0);
  out.writeInt32BE(packed.length, 4);
  packed.copy(out, 8);
  return out.toString("base64");
}

/** Reads what any HdrHistogram library wrote in this encoding; throws when it is something else. */
export function decodeHistogram(encodedBase64: string): HdrHistogram {
  const packed = Buffer.from(encodedBase64, "base64");
  if (packed.length < 8 || (packed.readInt32BE(0) & ~0xf0) !== (COMPRESSED_COOKIE & ~0xf0)) {
    throw new Error("not a histogram in HdrHistogram's compressed V2 encoding");
  }
  const length = packed.readInt32BE(4);
  const plain = inflateSync(packed.subarray(8, 8 + length), { maxOutputLength: DECODED_BYTES_MAX });
  if (plain.length < HEADER_BYTES || (plain.readInt32BE(0) & ~0xf0) !== (PLAIN_COOKIE & ~0xf0)) {
    throw new Error("not a histogram in HdrHistogram's V2 encoding");
  }
  const end = HEADER_BYTES + plain.readInt32BE(4);
  const highest = Math.min(Number(plain.readBigInt64BE(24)), Number.MAX_SAFE_INTEGER);
  const histogram = createHdrHistogram(highest, plain.readInt32BE(12));
  readCounts(histogram, plain.subarray(HEADER_BYTES, end));
  return histogram;
}

function encodePlain(histogram: HdrHistogram): Buffer {
  const countsEnd =
    histogram.totalCount === 0 ? 0 : histogram.countsArrayIndex(histogram.maxValue) + 1;
  const counts = histogram._counts;
  const out = Buffer.allocUnsafe(HEADER_BYTES + (countsEnd + 1) * WORD_BYTES_MAX);
  let offset = HEADER_BYTES;
  let zeros = 0;
  for (let index = 0; index < countsEnd; index++) {
    const count = counts[index]!;
    if (count === 0) {
      zeros++;
      continue;
    }
    if (zeros > 0) offset = writeWord(out, offset, zeros === 1 ? 0 : -zeros);
    zeros = 0;
    offset = writeWord(out, offset, count);
  }
  out.writeInt32BE(PLAIN_COOKIE, 0);
  out.writeInt32BE(offset - HEADER_BYTES, 4);
  out.writeInt32BE(0, 8);
  out.writeInt32BE(histogram.numberOfSignificantValueDigits, 12);
  out.writeBigInt64BE(BigInt(histogram.lowestDiscernibleValue), 16);
  out.writeBigInt64BE(BigInt(histogram.highestTrackableValue), 24);
  out.writeDoubleBE(1, 32);
  return out.subarray(0, offset);
}

function writeWord(out: Buffer, start: number, value: number): number {
  let offset = start;
  let rest = value >= 0 ? value * 2 : -value * 2 - 1;
  while (rest >= 128) {
    out[offset++] = (rest % 128) + 128;
    rest = Math.floor(rest / 128);
  }
  out[offset++] = rest;
  return offset;
}

function readCounts(histogram: HdrHistogram, payload: Buffer): void {
  let index = 0;
  let offset = 0;
  while (offset < payload.length) {
    let zigzag = 0;
    let scale = 1;
    let byte: number;
    do {
      if (offset >= payload.length) throw new Error("the histogram's counts are cut off");
      byte = payload[offset++]!;
      // The 9th byte of the longest form has no continuation bit.
      zigzag += (scale === 2 ** 56 ? byte : byte & 127) * scale;
      scale *= 128;
    } while (byte >= 128 && scale <= 2 ** 56);
    if (zigzag % 2 === 1) {
      index += (zigzag + 1) / 2;
    } else {
      if (index >= histogram.countsArrayLength)
        throw new Error("the histogram has too many counts");
      histogram.setCountAtIndex(index++, zigzag / 2);
    }
  }
  histogram.establishInternalTackingValues();
}
