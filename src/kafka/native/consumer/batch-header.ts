// The header of a fetched record batch (v2), and a quick look over all batches of an answer that
// reads nothing but headers: what is whole, how far it reaches, which codecs it needs.
//
//   0 baseOffset 8 | 8 batchLength 4 | 12 leaderEpoch 4 | 16 magic 1 | 17 crc 4 | 21 attributes 2
//   23 lastOffsetDelta 4 | 27 baseTimestamp 8 | 35 maxTimestamp 8 | 43 producerId 8
//   51 producerEpoch 2 | 53 baseSequence 4 | 57 recordCount 4 | 61 records

import { KafkaError } from "../../client.ts";
import { int32At, int64At } from "./bytes.ts";
import { isKnownCodec } from "./codecs.ts";

export const batchHeaderBytes = 61;
/** Where the CRC's bytes begin. */
export const crcStart = 21;
/** Bits of the attributes. */
export const compressionBits = 7;
export const appendTimeBit = 8;
export const transactionalBit = 16;
export const controlBit = 32;

/** Offset and length stand before what the length counts. */
const lengthEnd = 12;
const sizeMin = batchHeaderBytes - lengthEnd;

export interface BatchesLook {
  /** The end of the last whole batch. */
  end: number;
  /** The offset behind the last whole batch; -1 when there is none. */
  nextOffset: number;
  lastEpoch: number;
  /** One bit for each codec that is needed. */
  codecs: number;
}

/**
 * Looks at the batches between `start` and `end`, of which the last may be cut off, and puts what
 * it saw into `look`. Answers what is wrong with them.
 */
export function lookAtBatches(
  bytes: Uint8Array,
  start: number,
  end: number,
  look: BatchesLook,
): KafkaError | undefined {
  look.end = start;
  look.nextOffset = -1;
  look.lastEpoch = -1;
  look.codecs = 0;
  for (let at = start; end - at >= lengthEnd; ) {
    const size = int32At(bytes, at + 8);
    if (end - at > 16 && bytes[at + 16] !== 2) return oldFormat(bytes[at + 16]!);
    if (size < sizeMin) return corrupt(`its length is ${size}, below the ${sizeMin} of a header`);
    const batchEnd = at + lengthEnd + size;
    if (batchEnd > end) return undefined;
    const baseOffset = int64At(bytes, at);
    const lastOffsetDelta = int32At(bytes, at + 23);
    const codec = bytes[at + 22]! & compressionBits;
    if (lastOffsetDelta < 0 || baseOffset < 0 || baseOffset > Number.MAX_SAFE_INTEGER - 2 ** 31) {
      return corrupt(`its offsets are ${baseOffset} + ${lastOffsetDelta}`);
    }
    if (!isKnownCodec(codec)) return corrupt(`its compression type is ${codec}`);
    look.codecs |= 1 << codec;
    look.nextOffset = baseOffset + lastOffsetDelta + 1;
    look.lastEpoch = int32At(bytes, at + 12);
    look.end = batchEnd;
    at = batchEnd;
  }
  return undefined;
}

export function corrupt(what: string): KafkaError {
  return new KafkaError("CORRUPT_MESSAGE", `a record batch is corrupt: ${what}`, false);
}

function oldFormat(magic: number): KafkaError {
  return new KafkaError(
    "UNSUPPORTED_FOR_MESSAGE_FORMAT",
    `a record batch has the message format ${magic}, which Kafka wrote before 0.11; only format` +
      " 2 can be read: let such topics be copied by a client that writes format 2",
    false,
  );
}

/** Kafka cuts the last batch of an answer off where the asked size ends, but never the first. */
export function cutOffBatch(foundBytes: number): KafkaError {
  return new KafkaError(
    "RECORD_TOO_LARGE",
    `the broker sent only the first ${foundBytes} bytes of a record batch; raise` +
      " max.partition.fetch.bytes and fetch.max.bytes",
    false,
  );
}
