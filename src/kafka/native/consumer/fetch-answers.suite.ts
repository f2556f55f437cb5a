// Fetch answers for tests, written without the code that reads them: record batches of plain
// records, in the wire's own form, and the answer around them.

import { Writer } from "@kafka-wire/protocol/writer.js";
import { crc32c } from "../crc32c.ts";

export interface PlainRecord {
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers?: readonly (readonly [string, Uint8Array | null])[];
  readonly timestampDelta?: number;
  /** Its offset above the batch's; undefined: its place. */
  readonly offsetDelta?: number;
}

export interface BatchOptions {
  readonly baseOffset: number;
  readonly records: readonly PlainRecord[];
  readonly attributes?: number;
  readonly baseTimestamp?: number;
  readonly maxTimestamp?: number;
  readonly producerId?: bigint;
  readonly lastOffsetDelta?: number;
  readonly count?: number;
  compress?(records: Uint8Array): Uint8Array;
}

function zigzag(value: number): number[] {
  let rest = BigInt(value) >= 0n ? BigInt(value) * 2n : BigInt(value) * -2n - 1n;
  const bytes: number[] = [];
  while (rest > 127n) {
    bytes.push(Number(rest & 127n) | 128);
    rest >>= 7n;
  }
  return [...bytes, Number(rest)];
}

const field = (bytes: Uint8Array | null) =>
  bytes === null ? zigzag(-1) : [...zigzag(bytes.length), ...bytes];

function recordBytes(record: PlainRecord, index: number): number[] {
  const headers = record.headers ?? [];
  const body = [
    0,
    ...zigzag(record.timestampDelta ?? 0),
    ...zigzag(record.offsetDelta ?? index),
    ...field(record.key),
    ...field(record.value),
    ...zigzag(headers.length),
    ...headers.flatMap(([key, value]) => [...field(Buffer.from(key)), ...field(value)]),
  ];
  return [...zigzag(body.length), ...body];
}

export function batchBytes(options: BatchOptions): Buffer {
  const { records } = options;
  const plain = Uint8Array.from(records.flatMap(recordBytes));
  const body = options.compress?.(plain) ?? plain;
  const batch = Buffer.alloc(61 + body.length);
  batch.writeBigInt64BE(BigInt(options.baseOffset), 0);
  batch.writeInt32BE(batch.length - 12, 8);
  batch.writeInt32BE(3, 12);
  batch.writeInt8(2, 16);
  batch.writeInt16BE(options.attributes ?? 0, 21);
  batch.writeInt32BE(options.lastOffsetDelta ?? records.length - 1, 23);
  batch.writeBigInt64BE(BigInt(options.baseTimestamp ?? 1000), 27);
  batch.writeBigInt64BE(BigInt(options.maxTimestamp ?? 2000), 35);
  batch.writeBigInt64BE(options.producerId ?? -1n, 43);
  batch.writeInt16BE(0, 51);
  batch.writeInt32BE(0, 53);
  batch.writeInt32BE(options.count ?? records.length, 57);
  batch.set(body, 61);
  batch.writeUInt32BE(crc32c(batch.subarray(21)) >>> 0, 17);
  return batch;
}

/** A control batch: the marker that ends a transaction. */
export function markerBytes(baseOffset: number, producerId: bigint, isCommit: boolean): Buffer {
  const key = Buffer.from([0, 0, 0, isCommit ? 1 : 0]);
  const records = [{ key, value: Buffer.alloc(6) }];
  return batchBytes({ baseOffset, records, producerId, attributes: 0x30 });
}

export interface AnswerPart {
  readonly topicPartition: number;
  readonly errorCode?: number;
  readonly endOffset?: number;
  readonly records?: Uint8Array;
  readonly aborted?: readonly (readonly [bigint, number])[];
  /** Epoch and offset where the logs part. */
  readonly diverging?: readonly [number, number];
}

/** The answer behind its correlation id. */
export function fetchAnswer(topic: string, parts: readonly AnswerPart[], errorCode = 0): Buffer {
  const writer = Writer.create().appendTaggedFields().appendInt32(0).appendInt16(errorCode);
  writer.appendInt32(0);
  writer.appendArray([topic], () => {
    writer.appendString(topic);
    writer.appendArray(
      [...parts],
      (_each, part) => {
        const end = BigInt(part.endOffset ?? 1000);
        writer.appendInt32(part.topicPartition).appendInt16(part.errorCode ?? 0);
        writer.appendInt64(end).appendInt64(end).appendInt64(0n);
        writer.appendArray([...(part.aborted ?? [])], (_one, [producerId, firstOffset]) => {
          writer.appendInt64(producerId).appendInt64(BigInt(firstOffset));
        });
        writer.appendInt32(-1);
        const records = Buffer.from(part.records ?? new Uint8Array(0));
        writer.appendUnsignedVarInt(records.length + 1).append(records);
        if (part.diverging === undefined) writer.appendTaggedFields();
        else {
          const tag = Buffer.alloc(13);
          tag.writeInt32BE(part.diverging[0], 0);
          tag.writeBigInt64BE(BigInt(part.diverging[1]), 4);
          writer.appendUnsignedVarInt(1).appendUnsignedVarInt(0);
          writer.appendUnsignedVarInt(tag.length).append(tag);
        }
      },
      true,
      false,
    );
  });
  return Buffer.from(writer.appendTaggedFields().buffer);
}
