// What the producer sends for a value that it knows to be constant is, byte for byte, what it sends
// for the same values when it has to ask for each: through retries, splits, changes of leaders and
// epochs, expiry and closing in the middle. The plain producer is the reference; both meet the same
// mishaps at the same times. The model brokers check each batch's CRC besides.

import { describe, expect, test } from "bun:test";
import type { RecordSource } from "../client.ts";
import type { ProducerConf } from "../conf/types.ts";
import {
  everything,
  firstSeed,
  type Scenario,
  seeds,
  simulate,
  simulateTime,
} from "./simulated-load.suite.ts";

simulateTime();

/** 127 bytes and less are sent the plain way; from 8192 on the length takes a byte more. */
const valueSizes = [0, 1, 127, 128, 129, 512, 8191, 8192];
/** Null, none, and keys on both sides of what the CRC takes in one step. */
const keySizes = [-1, 0, 1, 4, 9, 10, 11, 12, 70];
/** Each size of a value with each size of a key. */
const seedsMax = valueSizes.length * keySizes.length;
const encoder = new TextEncoder();

/** Records of one value; keys are positions, if there is room for them. */
function sourceOf(key: number, value: number, isKnown: boolean): RecordSource {
  const bytes = Uint8Array.from({ length: value }, (_, index) => (index * 37) ^ (index >> 8));
  return {
    fixedSizes: { key, value },
    constantValue: isKnown ? bytes : undefined,
    keySize: () => key,
    valueSize: () => value,
    writeKey(position, target, offset) {
      target.set(encoder.encode(String(position).padStart(key, "0")).subarray(-key), offset);
    },
    writeValue: (_position, target, offset) => target.set(bytes, offset),
  };
}

/** What a seed decides beside the mishaps: sizes, and how much fits a batch and a request. */
function scenarioOf(seed: number, more: Partial<Scenario>, isKnown: boolean): Scenario {
  const value = valueSizes[seed % valueSizes.length]!;
  const key = keySizes[Math.floor(seed / valueSizes.length) % keySizes.length]!;
  const recordBytes = value + Math.max(0, key) + 30;
  const conf: Partial<ProducerConf> = {
    idempotence: true,
    compression: "none",
    batchSizeBytes: 61 + recordBytes * (1 + (seed % 7)),
    bufferMemoryBytes: recordBytes * 60,
    maxRequestSizeBytes: recordBytes * (10 + (seed % 30)),
    ...more.conf,
  };
  const batchBytesMax = 61 + recordBytes * (more.batchBytesMax ?? 1000);
  return {
    mishaps: everything,
    ...more,
    conf,
    batchBytesMax,
    records: 80,
    source: sourceOf(key, value, isKnown),
  };
}

const scenarios: [string, Partial<Scenario>][] = [
  ["when much goes wrong", {}],
  ["when lost requests are done", { mishaps: { ...everything, late: 0.5, connection: 0.1 } }],
  ["when leaders move all the time", { mishaps: { ...everything, move: 0.5 } }],
  ["when batches are too large", { batchBytesMax: 3 }],
  [
    "when batches expire",
    { mishaps: { ...everything, connection: 0.2 }, conf: { deliveryTimeoutMs: 300 } },
  ],
  ["when it is closed in the middle", { closing: { afterMs: 100, timeoutMs: 20 } }],
  ["without idempotence", { conf: { idempotence: false }, mishaps: { ...everything, late: 0.3 } }],
  ["with compression", { conf: { compression: "gzip" } }],
];

describe("a producer that knows its constant value", () => {
  const runs = Math.min(seeds, seedsMax);

  test.each(scenarios)("sends the same bytes as one that does not %s", async (_, more) => {
    for (let seed = firstSeed; seed < firstSeed + runs; seed++) {
      const known = await simulate(seed, scenarioOf(seed, more, true));
      const plain = await simulate(seed, scenarioOf(seed, more, false));
      const where = `seed ${seed}`;
      expect([where, ...known.trace]).toEqual([where, ...plain.trace]);
      expect(known.frames.length).toBe(plain.frames.length);
      for (const [index, frame] of known.frames.entries()) {
        const isSame = Buffer.compare(frame, plain.frames[index]!) === 0;
        expect({ where, index, isSame }).toEqual({ where, index, isSame: true });
      }
    }
  });
});
