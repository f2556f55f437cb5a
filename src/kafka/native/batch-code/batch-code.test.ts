// CRC-32C is the same by the processor's instruction, by tables and by another implementation, and
// a machine that cannot load the add-on does without it.

import { describe, expect, test } from "bun:test";
import { crc32c as otherCrc32c } from "@node-rs/crc32";
import fc from "fast-check";
import { loadBatchesAddOn } from "./add-on.ts";
import { batchCode, loadBatchCode } from "./batch-code.ts";

type Crc32c = (bytes: Uint8Array, before?: number) => number;
const addOn = loadBatchesAddOn() as { crc32c: Crc32c; crc32cByTables: Crc32c };
const kinds: readonly (readonly [string, Crc32c])[] = [
  ["the instruction", addOn.crc32c],
  ["tables", addOn.crc32cByTables],
];

describe.each([...kinds])("CRC-32C by %s", (_name, crc32c) => {
  test.each([
    ["nothing", new Uint8Array(0), 0],
    ["the digits", new TextEncoder().encode("123456789"), 0xe3069283],
    // RFC 3720, appendix B.4.
    ["32 zeros", new Uint8Array(32), 0x8a9136aa],
    ["32 ones", new Uint8Array(32).fill(0xff), 0x62a8ab43],
    ["32 rising bytes", Uint8Array.from({ length: 32 }, (_, byte) => byte), 0x46dd794e],
    ["32 falling bytes", Uint8Array.from({ length: 32 }, (_, byte) => 31 - byte), 0x113fdb5c],
  ])("of %s is as published", (_what, bytes, expected) => {
    expect(crc32c(bytes)).toBe(expected);
  });

  test("is that of another implementation, wherever the bytes lie", () => {
    const memory = new Uint8Array(40_000);
    for (let at = 0; at < memory.length; at++) memory[at] = (at * 2_654_435_761) >>> 13;
    const size = fc.oneof(fc.nat(100), fc.nat(1000), fc.nat(39_000));
    const before = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff_ffff }));
    const property = fc.property(fc.nat(900), size, before, (start, sizeBytes, previous) => {
      const bytes = memory.subarray(start, start + sizeBytes);
      expect(crc32c(bytes, previous)).toBe(otherCrc32c(bytes, previous));
    });
    fc.assert(property, { numRuns: 500 });
  });

  test("of two parts is that of the whole", () => {
    const bytes = new Uint8Array(20_000).map((_, at) => at * 31);
    const whole = crc32c(bytes);
    const property = fc.property(fc.nat(bytes.length), (at) => {
      expect(crc32c(bytes.subarray(at), crc32c(bytes.subarray(0, at)))).toBe(whole);
    });
    fc.assert(property);
  });

  test.each([
    ["no argument", []],
    ["a text", ["123456789"]],
    ["other numbers than bytes", [new Uint16Array(4)]],
  ])("refuses %s", (_what, values) => {
    expect(() => (crc32c as (...values: unknown[]) => number)(...values)).toThrow(TypeError);
  });
});

describe("the native code for batches", () => {
  test("is the add-on's where that can be had", () => {
    expect(batchCode().tally).toBeFunction();
  });

  test.each<[string, () => unknown]>([
    [
      "cannot be loaded",
      () => {
        throw new Error("wrong ELF class");
      },
    ],
    ["computes wrongly", () => ({ crc32c: () => 0, tally: () => 0 })],
    ["is something else", () => ({})],
  ])("is another add-on's when its own %s", (_how, load) => {
    const { crc32c, tally } = loadBatchCode(load);
    const bytes = new TextEncoder().encode("123456789");
    expect(crc32c(bytes)).toBe(0xe3069283);
    expect(crc32c(bytes.subarray(4), crc32c(bytes.subarray(0, 4)))).toBe(0xe3069283);
    expect(tally).toBeUndefined();
  });
});
