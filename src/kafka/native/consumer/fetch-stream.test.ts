// Fetch answers in any pieces, with any sink, and with any byte wrong.

import { describe, expect, test } from "bun:test";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { lz4Compress, snappyCompress } from "@platformatic/wasm-utils";
import fc from "fast-check";
import { KafkaError } from "../../client.ts";
import { FrameError } from "../frame-reader.ts";
import { readAnswer } from "./answer-reading.suite.ts";
import {
  type AnswerPart,
  batchBytes,
  fetchAnswer,
  markerBytes,
  type PlainRecord,
} from "./fetch-answers.suite.ts";

const bytes = fc.oneof(
  fc.constant(null),
  fc.uint8Array({ maxLength: 10 }),
  fc.uint8Array({ minLength: 60, maxLength: 200 }),
);
const plainRecord: fc.Arbitrary<PlainRecord> = fc.record({
  key: bytes,
  value: bytes,
  headers: fc.array(fc.tuple(fc.string({ maxLength: 4 }), bytes), { maxLength: 2 }),
  timestampDelta: fc.oneof(fc.nat(100), fc.integer({ min: -(2 ** 40), max: 2 ** 40 })),
});
const batches = fc.array(fc.array(plainRecord, { minLength: 1, maxLength: 6 }), { maxLength: 5 });
const cuts = fc.array(fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 900 })), {
  minLength: 1,
  maxLength: 6,
});

type Compressor = (records: Uint8Array) => Uint8Array;

const plain: Compressor = (records) => records;
/** What Java writes for snappy: a header, then blocks with their lengths. */
const xerial: Compressor = (records) => {
  const header = Buffer.from("82534e41505059000000000100000001", "hex");
  const half = records.length >> 1;
  const blocks = [records.subarray(0, half), records.subarray(half)].flatMap((part) => {
    const block = snappyCompress(Buffer.from(part));
    const length = Buffer.alloc(4);
    length.writeInt32BE(block.length);
    return [length, block];
  });
  return Buffer.concat([header, ...blocks]);
};
const codecs: readonly (readonly [string, number, Compressor])[] = [
  ["nothing", 0, plain],
  ["gzip", 1, (records) => gzipSync(records)],
  ["snappy", 2, (records) => snappyCompress(Buffer.from(records))],
  ["xerial snappy", 2, xerial],
  ["lz4", 3, (records) => lz4Compress(Buffer.from(records))],
  ["zstd", 4, (records) => zstdCompressSync(records)],
];

function partOf(
  topicPartition: number,
  groups: readonly (readonly PlainRecord[])[],
  attributes = 0,
  compress: Compressor = plain,
): AnswerPart {
  let baseOffset = 0;
  const all = groups.map((records) => {
    const batch = batchBytes({ baseOffset, records, attributes, compress });
    baseOffset += records.length;
    return batch;
  });
  return { topicPartition, records: Buffer.concat(all) };
}

const expected = (topicPartition: number, groups: readonly (readonly PlainRecord[])[]) =>
  groups.flat().map((record, offset) => ({
    topicPartition,
    offset,
    timestampMs: 1000 + (record.timestampDelta ?? 0),
    key: record.key,
    value: record.value,
    headers: (record.headers ?? []).map(([key, value]) => `${key}=${value ?? "null"}`),
  }));

const one = (text: string): PlainRecord => ({ key: null, value: Buffer.from(text) });
const valuesOf = (records: readonly { readonly value: Uint8Array | null }[]) =>
  records.map(({ value }) => Buffer.from(value ?? []).toString());

describe("a Fetch answer", () => {
  test("gives the same records however it is cut, to quick and to slow sinks", async () => {
    const property = fc.asyncProperty(
      fc.array(batches, { minLength: 1, maxLength: 3 }),
      cuts,
      fc.boolean(),
      fc.integer({ min: 1, max: 5 }),
      async (parts, pieces, isSlow, recordsMax) => {
        const answer = fetchAnswer(
          "t",
          parts.map((groups, index) => partOf(index, groups)),
        );
        const found = await readAnswer(answer, { cuts: pieces, isSlow, recordsMax });
        expect(found.errors).toEqual([]);
        expect(found.isComplete).toBe(true);
        expect(found.records).toEqual(parts.flatMap((groups, index) => expected(index, groups)));
      },
    );
    await fc.assert(property, { numRuns: 150 });
  });

  test.each([...codecs])("gives records that are compressed with %s", async (_name, bits, code) => {
    const groups = [
      Array.from({ length: 40 }, (_, index) => one(`some value ${index}`)),
      [one("the last")],
    ];
    const answer = fetchAnswer("t", [partOf(0, groups, bits, code)]);
    const found = await readAnswer(answer, { cuts: [100], isSlow: true, recordsMax: 7 });
    expect(found.records).toEqual(expected(0, groups));
  });

  test("with any wrong bytes ends in an error or in records, and ends", async () => {
    const groups = [[one("a"), one("b")], [one("c")]];
    const answers = codecs.map(([, bits, code]) =>
      fetchAnswer("t", [partOf(0, groups, bits, code), partOf(1, groups, bits, code)]),
    );
    const property = fc.asyncProperty(
      fc.constantFrom(...answers),
      fc.array(fc.tuple(fc.nat(600), fc.oneof(fc.constantFrom(0, 127, 128, 255), fc.nat(255))), {
        minLength: 1,
        maxLength: 6,
      }),
      fc.nat(600),
      cuts,
      fc.boolean(),
      async (answer, changes, length, pieces, checkCrcs) => {
        const wrong = Uint8Array.from(length > 500 ? answer : answer.subarray(0, length));
        for (const [at, byte] of changes) wrong[at % Math.max(1, wrong.length)] = byte;
        try {
          const { errors } = await readAnswer(wrong, { cuts: pieces, checkCrcs });
          for (const error of errors) expect(error).toBeInstanceOf(KafkaError);
        } catch (error) {
          expect(error).toBeInstanceOf(FrameError);
        }
      },
    );
    await fc.assert(property, { numRuns: 2000 });
  });

  test("leaves out records before the position, and control batches", async () => {
    const records = Buffer.concat([
      batchBytes({ baseOffset: 10, records: [one("a"), one("b"), one("c")] }),
      markerBytes(13, 5n, true),
    ]);
    const answer = fetchAnswer("t", [{ topicPartition: 0, records }]);
    const { records: found, positions } = await readAnswer(answer, { position: 11 });
    expect(found.map(({ offset }) => offset)).toEqual([11, 12]);
    expect(positions.get(0)).toBe(14);
  });

  test("leaves out aborted transactions from their first offset to their marker", async () => {
    const from = (baseOffset: number, producerId: bigint, text: string) =>
      batchBytes({ baseOffset, records: [one(text)], producerId, attributes: 0x10 });
    const records = Buffer.concat([
      from(0, 1n, "kept"),
      markerBytes(1, 1n, true),
      from(2, 1n, "aborted"),
      from(3, 2n, "another producer's"),
      from(4, 1n, "aborted too"),
      markerBytes(5, 1n, false),
      from(6, 1n, "kept again"),
    ]);
    const part = { topicPartition: 0, records, aborted: [[1n, 2]] as const };
    for (const pieces of [[10_000], [70], [7]]) {
      const { records: found } = await readAnswer(fetchAnswer("t", [part]), { cuts: pieces });
      expect(valuesOf(found)).toEqual(["kept", "another producer's", "kept again"]);
    }
  });

  test("takes the broker's time where the topic asks for it", async () => {
    const options = { attributes: 8, maxTimestamp: 77_000 };
    const records = batchBytes({ baseOffset: 0, records: [one("a"), one("b")], ...options });
    const { records: found } = await readAnswer(fetchAnswer("t", [{ topicPartition: 0, records }]));
    expect(found.map(({ timestampMs }) => timestampMs)).toEqual([77_000, 77_000]);
  });

  test("goes over the holes of a compacted log", async () => {
    const records = batchBytes({
      baseOffset: 5,
      records: [
        { ...one("a"), offsetDelta: 2 },
        { ...one("b"), offsetDelta: 7 },
      ],
      lastOffsetDelta: 9,
    });
    const answer = fetchAnswer("t", [{ topicPartition: 0, records }]);
    const { records: found, positions } = await readAnswer(answer);
    expect(found.map(({ offset }) => offset)).toEqual([7, 12]);
    expect(positions.get(0)).toBe(15);
  });

  test("does not mind a last batch that is cut off", async () => {
    const first = batchBytes({ baseOffset: 0, records: [one("a")] });
    const second = batchBytes({ baseOffset: 1, records: [one("b")] });
    for (const bytesOfSecond of [1, 11, 12, 17, 40, second.length - 1]) {
      const records = Buffer.concat([first, second.subarray(0, bytesOfSecond)]);
      for (const pieces of [[10_000], [64], [5]]) {
        const answer = fetchAnswer("t", [{ topicPartition: 0, records }]);
        const found = await readAnswer(answer, { cuts: pieces });
        expect([valuesOf(found.records), found.errors]).toEqual([["a"], []]);
      }
    }
  });
});

describe("bad records", () => {
  const batch = batchBytes({ baseOffset: 40, records: [one("a"), one("b")] });
  const changed = (at: number, ...values: number[]) => {
    const copy = Buffer.from(batch);
    copy.set(values, at);
    return copy;
  };
  const cases: readonly (readonly [string, Buffer, string, string])[] = [
    ["a wrong CRC", changed(batch.length - 2, 9), "CORRUPT_MESSAGE", "its stored CRC is"],
    ["an old format", changed(16, 1), "UNSUPPORTED_FOR_MESSAGE_FORMAT", "format 1"],
    ["a length below a header's", changed(8, 0, 0, 0, 9), "CORRUPT_MESSAGE", "its length is 9"],
    ["a negative length", changed(8, 255, 0, 0, 0), "CORRUPT_MESSAGE", "its length is -"],
    ["an unknown codec", changed(22, 6), "CORRUPT_MESSAGE", "its compression type is 6"],
    ["a cut batch", batch.subarray(0, 70), "RECORD_TOO_LARGE", "the first 70 bytes"],
    ["a cut header", batch.subarray(0, 9), "RECORD_TOO_LARGE", "the first 9 bytes"],
  ];

  test.each([...cases])("with %s are an error that says so", async (_name, records, code, text) => {
    for (const pieces of [[10_000], [9]]) {
      const answer = fetchAnswer("t", [{ topicPartition: 3, records }]);
      const { errors, records: found } = await readAnswer(answer, { cuts: pieces, position: 40 });
      expect(found).toEqual([]);
      expect(errors.map((error) => error.code)).toEqual([code]);
      expect(errors[0]!.message).toContain(text);
    }
  });

  test("name the topicPartition and offset", async () => {
    const good = batchBytes({ baseOffset: 38, records: [one("x"), one("y")] });
    const records = Buffer.concat([good, changed(batch.length - 2, 9)]);
    const answer = fetchAnswer("topic-x", [{ topicPartition: 3, records }]);
    const { errors, records: found } = await readAnswer(answer, { position: 38 });
    expect(valuesOf(found)).toEqual(["x", "y"]);
    expect(errors[0]!.message).toContain('partition 3 of topic "topic-x" at offset 40');
  });

  test("pass with check.crcs=false where only the CRC is wrong", async () => {
    const records = changed(17, 1, 2, 3, 4);
    const answer = fetchAnswer("t", [{ topicPartition: 0, records }]);
    const { errors, records: found } = await readAnswer(answer, { checkCrcs: false });
    expect([errors, valuesOf(found)]).toEqual([[], ["a", "b"]]);
  });

  test.each([
    ["more records than offsets", { count: 9 }],
    ["a negative number of records", { count: -4 }],
    ["fewer records than it announces", { lastOffsetDelta: 7, count: 5 }],
  ])("with %s are an error", async (_name, more) => {
    const records = batchBytes({ baseOffset: 0, records: [one("a"), one("b")], ...more });
    const { errors } = await readAnswer(fetchAnswer("t", [{ topicPartition: 0, records }]));
    expect(errors.map(({ code }) => code)).toEqual(["CORRUPT_MESSAGE"]);
  });

  test("that do not decompress are an error", async () => {
    for (const attributes of [1, 2, 3, 4]) {
      const compress = () => Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8, 9]);
      const records = batchBytes({ baseOffset: 0, records: [one("a")], attributes, compress });
      const { errors } = await readAnswer(fetchAnswer("t", [{ topicPartition: 0, records }]));
      expect(errors.map(({ code }) => code)).toEqual(["CORRUPT_MESSAGE"]);
    }
  });
});
