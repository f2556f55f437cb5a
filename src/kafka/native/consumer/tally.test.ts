// Records that are counted by native code are those that come one by one: as many, of the same
// sizes and times, up to the same offset, and with the same complaint about what is corrupt.

import { describe, expect, test } from "bun:test";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import type { RecordTally } from "../../client.ts";
import { batchCode } from "../batch-code/batch-code.ts";
import { createAbortFilter } from "./abort-filter.ts";
import { type BatchesLook, lookAtBatches } from "./batch-header.ts";
import { createCodecs } from "./codecs.ts";
import { batchBytes, markerBytes, type PlainRecord } from "./fetch-answers.suite.ts";
import type { AbortedTransaction } from "./fetched-part.ts";
import { createParcelWalk } from "./record-cursor.ts";

interface Reading {
  readonly position: number;
  readonly checkCrcs: boolean;
  /** How many records one call of a sink may take. */
  readonly recordsMax: number;
  readonly aborted: readonly AbortedTransaction[];
}

const runsMax = 3;

/** All that a sink could tell of the batches, taken as a whole where that goes, or not. */
function read(wire: Uint8Array, reading: Reading, isTallied: boolean) {
  const { crc32c, tally } = batchCode();
  const codecs = createCodecs();
  const walk = createParcelWalk({ checkCrcs: reading.checkCrcs, codecs, crc32c, tally });
  const look: BatchesLook = { end: 0, nextOffset: -1, lastEpoch: -1, codecs: 0 };
  lookAtBatches(wire, 0, wire.length, look);
  const filter = reading.aborted.length > 0 ? createAbortFilter(reading.aborted) : undefined;
  const owner = { name: "t", topicPartition: 0, position: reading.position };
  const { end, nextOffset } = look;
  const place = { owner, generation: 0, start: 0, end, nextOffset, codecs: 0, receivedUs: 0 };
  walk.open({ ...place, bytes: wire, filter });
  const into: RecordTally = { bytes: 0, runs: new Float64Array(2 * runsMax), runCount: 0 };
  const found = { bytes: 0, times: [] as number[], places: [] as number[], tallied: 0 };
  const { cursor } = walk;
  const takeAtOnce = cursor.tally ?? (() => 0);
  const takeTallied = () => {
    for (let count = 1; count > 0; ) {
      count = takeAtOnce(Number.POSITIVE_INFINITY, into);
      if (count === 0) return;
      found.tallied += count;
      found.bytes += into.bytes;
      for (let run = 0; run < into.runCount; run++) {
        for (let times = into.runs[2 * run + 1]!; times > 0; times--) {
          found.times.push(into.runs[2 * run]!);
        }
      }
    }
  };
  while (end > 0 && walk.failure === undefined && walk.allow(reading.recordsMax)) {
    if (isTallied) takeTallied();
    while (cursor.next()) {
      found.bytes += Math.max(0, cursor.keySize) + Math.max(0, cursor.valueSize);
      found.times.push(cursor.timestampMs);
      if (isTallied) takeTallied();
    }
    found.places.push(walk.currentOffset, walk.nextOffset, found.times.length);
  }
  return { ...found, failure: walk.failure?.message, isAtEnd: walk.isAtEnd };
}

function readingOf(reading: Partial<Reading>): Reading {
  return { position: 0, checkCrcs: true, recordsMax: 500, aborted: [], ...reading };
}

const bytes = fc.oneof(
  fc.constant(null),
  fc.uint8Array({ maxLength: 10 }),
  fc.uint8Array({ minLength: 60, maxLength: 150 }),
);
const record: fc.Arbitrary<PlainRecord> = fc.record({
  key: bytes,
  value: bytes,
  headers: fc.array(fc.tuple(fc.string({ maxLength: 4 }), bytes), { maxLength: 1 }),
  timestampDelta: fc.oneof(
    fc.constant(0),
    fc.nat(2),
    fc.integer({ min: -(2 ** 40), max: 2 ** 40 }),
    fc.constant(2 ** 53),
  ),
});

interface MadeBatch {
  readonly kind: "plain" | "gzip" | "appended" | "transaction" | "marker" | "compacted";
  readonly records: readonly PlainRecord[];
  /** Offsets that are missing in front of it. */
  readonly hole: number;
}

const madeBatch: fc.Arbitrary<MadeBatch> = fc.record({
  kind: fc.oneof(
    fc.constant("plain" as const),
    fc.constantFrom<MadeBatch["kind"][]>("gzip", "appended", "transaction", "marker", "compacted"),
  ),
  records: fc.array(record, { minLength: 1, maxLength: 8 }),
  hole: fc.oneof(fc.constant(0), fc.nat(5)),
});

function wireOf(made: readonly MadeBatch[]): Uint8Array {
  let baseOffset = 0;
  const batches = made.map(({ kind, records, hole }) => {
    baseOffset += hole;
    const base = baseOffset;
    baseOffset += kind === "marker" ? 1 : records.length * 2;
    const options = { baseOffset: base, records };
    if (kind === "marker") return markerBytes(base, 7n, false);
    if (kind === "gzip") return batchBytes({ ...options, attributes: 1, compress: gzipSync });
    if (kind === "appended") return batchBytes({ ...options, attributes: 8 });
    if (kind === "transaction") return batchBytes({ ...options, attributes: 16, producerId: 7n });
    if (kind === "plain") return batchBytes(options);
    const sparse = records.map((each, index) => ({ ...each, offsetDelta: index * 2 }));
    return batchBytes({ ...options, records: sparse, lastOffsetDelta: records.length * 2 - 1 });
  });
  return Uint8Array.from(Buffer.concat(batches));
}

const reading: fc.Arbitrary<Reading> = fc.record({
  position: fc.oneof(fc.constant(0), fc.nat(30)),
  checkCrcs: fc.boolean(),
  recordsMax: fc.oneof(fc.constant(500), fc.integer({ min: 1, max: 9 })),
  aborted: fc.oneof(
    { weight: 4, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.nat(20).map((firstOffset) => [{ producer: "0:7", firstOffset }]) },
  ),
});
const changes = fc.array(
  fc.tuple(fc.nat(4000), fc.oneof(fc.constantFrom(0, 1, 127, 128, 255), fc.nat(255))),
  { maxLength: 4 },
);

describe("a tally", () => {
  test("finds what the records say one by one, right or wrong", () => {
    let tallied = 0;
    const property = fc.property(
      fc.array(madeBatch, { minLength: 1, maxLength: 6 }),
      reading,
      changes,
      (made, how, wrong) => {
        const wire = wireOf(made);
        for (const [at, byte] of wrong) wire[at % wire.length] = byte;
        const { tallied: count, ...found } = read(wire, how, true);
        const { tallied: none, ...expected } = read(wire, how, false);
        expect(found).toEqual(expected);
        expect(none).toBe(0);
        tallied += count;
      },
    );
    fc.assert(property, { numRuns: 600 });
    expect(tallied).toBeGreaterThan(600);
  });

  test("takes all records of plain batches at once", () => {
    const records = Array.from({ length: 40 }, () => ({ key: null, value: new Uint8Array(512) }));
    const wire = Buffer.concat(
      [0, 40, 80].map((baseOffset) => batchBytes({ baseOffset, records })),
    );
    const found = read(wire, readingOf({}), true);
    expect([found.tallied, found.bytes]).toEqual([120, 120 * 512]);
  });

  test("takes nothing of a batch with a wrong CRC", () => {
    const records = [{ key: null, value: new Uint8Array(9) }];
    const wire = Buffer.concat([0, 1].map((baseOffset) => batchBytes({ baseOffset, records })));
    wire[wire.length - 2]! ^= 1;
    const found = read(wire, readingOf({}), true);
    expect([found.tallied, found.failure]).toEqual([1, expect.stringContaining("its stored CRC")]);
  });

  test("believes no place that lies outside of the bytes", () => {
    const { tally } = batchCode();
    const place = fc.array(fc.oneof(fc.double(), fc.integer({ min: -9, max: 9000 })), {
      minLength: 15,
      maxLength: 15,
    });
    const wire = Buffer.concat([
      batchBytes({ baseOffset: 0, records: [{ key: null, value: new Uint8Array(40) }] }),
    ]);
    const property = fc.property(place, (numbers) => {
      const count = tally!(wire, Float64Array.from(numbers), 10, 1, new Float64Array(8));
      expect(count).toBeLessThanOrEqual(1);
    });
    fc.assert(property, { numRuns: 5000 });
    const none = new Float64Array(8);
    expect(() => tally!(wire, new Float64Array(14), 10, 1, none)).toThrow(TypeError);
  });
});
