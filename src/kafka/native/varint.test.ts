// Variable-length integers, read again by their definition.

import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { unsignedVarintSize, varintSize, writeUnsignedVarint, writeVarint } from "./varint.ts";

/** Every number of bytes with both of its ends, beside random numbers. */
const edges = [0, 7, 14, 21, 28, 31].flatMap((bits) => [2 ** bits - 1, 2 ** bits]);
const unsigned = fc.oneof(fc.constantFrom(...edges), fc.integer({ min: 0, max: 2 ** 31 - 2 }));
const signed = fc.oneof(
  fc.constantFrom(...[-64, -65, 63, 64, -8192, -8193, -(2 ** 31), 2 ** 31 - 1]),
  fc.integer(),
);

/** Seven bits a byte, the lowest first; all bytes but the last have their highest bit set. */
function decode(bytes: Uint8Array): bigint {
  expect([...bytes].map((byte) => byte >= 0x80)).toEqual([
    ...Array(bytes.byteLength - 1).fill(true),
    false,
  ]);
  return [...bytes].reduceRight((sum, byte) => sum * 128n + BigInt(byte & 0x7f), 0n);
}

describe("variable-length integers", () => {
  test("unsigned ones are read as they were written, and take the bytes foretold", () => {
    fc.assert(
      fc.property(unsigned, (value) => {
        const target = Buffer.alloc(10);
        const end = writeUnsignedVarint(target, 2, value);
        expect(end - 2).toBe(unsignedVarintSize(value));
        expect(decode(target.subarray(2, end))).toBe(BigInt(value));
      }),
    );
  });

  test("signed ones are read as they were written, and take the bytes foretold", () => {
    fc.assert(
      fc.property(signed, (value) => {
        const target = Buffer.alloc(10);
        const end = writeVarint(target, 2, value);
        expect(end - 2).toBe(varintSize(value));
        const encoded = decode(target.subarray(2, end));
        expect(encoded % 2n === 0n ? encoded / 2n : -(encoded + 1n) / 2n).toBe(BigInt(value));
      }),
    );
  });
});
