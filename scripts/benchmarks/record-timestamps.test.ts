// Times are read from batches as they lie in a log segment, and evenness from times.

import { describe, expect, test } from "bun:test";
import { evennessOf, segmentTimestamps } from "./record-timestamps.ts";

/** A batch whose records hold nothing but their time. */
function batch(baseMs: number, deltas: readonly number[]): Buffer {
  const records = deltas.map((delta) => {
    const body = [0, ...varint(delta), 0, 1, 1, 0];
    return Buffer.from([...varint(body.length), ...body]);
  });
  const head = Buffer.alloc(61);
  head.writeInt32BE(61 - 12 + Buffer.concat(records).length, 8);
  head.writeBigInt64BE(BigInt(baseMs), 27);
  head.writeInt32BE(deltas.length, 57);
  return Buffer.concat([head, ...records]);
}

function varint(value: number): number[] {
  let bits = ((value << 1) ^ (value >> 31)) >>> 0;
  const bytes: number[] = [];
  for (; bits >= 0x80; bits >>>= 7) bytes.push((bits & 0x7f) | 0x80);
  return [...bytes, bits];
}

describe("the times of a segment", () => {
  test("are those of all records of all batches", () => {
    const segment = Buffer.concat([batch(1_000_000, [0, 5, 300]), batch(2_000_000, [0, -3])]);
    expect(segmentTimestamps(segment)).toEqual([
      1_000_000, 1_000_005, 1_000_300, 2_000_000, 1_999_997,
    ]);
  });

  test("are none in an empty one", () => {
    expect(segmentTimestamps(Buffer.alloc(0))).toEqual([]);
  });

  test("are not guessed from compressed batches", () => {
    const compressed = batch(0, [0]);
    compressed.writeUInt16BE(3, 21);
    expect(() => segmentTimestamps(compressed)).toThrow("compressed");
  });
});

describe("evenness", () => {
  test("of an even series is complete", () => {
    const even = Float64Array.from({ length: 10_001 }, (_, index) => 5_000 + index / 10);
    const { messagesPerSec, errorMsMax } = evennessOf(even, 10_000);
    expect(messagesPerSec).toBeCloseTo(10_000, 6);
    expect(errorMsMax).toBeLessThan(0.001);
  });

  test("of bursts each 100 ms is off by half of that at the edges", () => {
    const bursts = Float64Array.from(
      { length: 30_000 },
      (_, index) => 100 * Math.floor(index / 1000),
    );
    const { errorMsP50, errorMsP99, errorMsMax } = evennessOf(bursts, 10_000);
    expect(errorMsP50).toBeCloseTo(25, 0);
    expect(errorMsP99).toBeCloseTo(49.5, 1);
    expect(errorMsMax).toBeCloseTo(50, 0);
  });

  test("notices a series that is slower than wanted", () => {
    const slow = Float64Array.from({ length: 1_001 }, (_, index) => index * 1.01);
    expect(evennessOf(slow, 1_000).messagesPerSec).toBeCloseTo(990.1, 1);
  });
});
