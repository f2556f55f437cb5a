// The hash of a key is the one that every other Kafka client computes.

import { describe, expect, test } from "bun:test";
import { murmur2 as reference } from "@kafka-wire/protocol/murmur2.js";
import fc from "fast-check";
import { murmur2 } from "./murmur2.ts";

describe("murmur2", () => {
  test("is the protocol library's for every key", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (key) => {
        expect(murmur2(key)).toBe(reference(Buffer.from(key)));
      }),
      { numRuns: 500 },
    );
  });

  // The values that Kafka's own UtilsTest expects.
  test.each([
    ["21", -973932308],
    ["foobar", -790332482],
    ["a-little-bit-long-string", -985981536],
    ["a-little-bit-longer-string", -1486304829],
    ["lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971],
    ["abc", 479470107],
  ])("of %p is %d", (key, hash) => {
    expect(murmur2(new TextEncoder().encode(key))).toBe(hash);
  });
});
