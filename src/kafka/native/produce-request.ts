// A Produce request around finished record batches (versions 9 to 11, which share one layout), in
// one piece of memory so that the socket gets it in one write:
//
//   length 4 | api key 2 | version 2 | correlation id 4 | client id | tags
//   transactional id | acks 2 | timeout 4 | [topic name, [partition 4, records, tags], tags] | tags

import { endTails, writeWithTails } from "./constant-tail.ts";
import type { RecordBatch } from "./record-batch.ts";
import type { RequestMemory } from "./request-buffers.ts";
import { unsignedVarintSize, writeUnsignedVarint } from "./varint.ts";

export interface ProduceBatch {
  readonly topicPartition: number;
  readonly batch: RecordBatch;
  /** Where the batch begins in the request, once it is written. */
  wireAt?: number;
}

export interface ProduceTopic {
  readonly nameBytes: Uint8Array;
  readonly batches: readonly ProduceBatch[];
}

export interface ProduceHeader {
  readonly version: number;
  readonly clientIdBytes: Uint8Array;
  readonly transactionalIdBytes: Uint8Array | undefined;
  readonly acks: number;
  readonly timeoutMs: number;
}

/** The bytes that the whole request takes, length field included. */
export function produceRequestSize(header: ProduceHeader, topics: readonly ProduceTopic[]): number {
  let size = 4 + 2 + 2 + 4 + 2 + header.clientIdBytes.byteLength + 1;
  size += compactSize(header.transactionalIdBytes?.byteLength ?? -1) + 2 + 4;
  size += unsignedVarintSize(topics.length + 1);
  for (const topic of topics) {
    size += compactSize(topic.nameBytes.byteLength);
    size += unsignedVarintSize(topic.batches.length + 1) + 1;
    for (const { batch } of topic.batches) size += 4 + compactSize(batch.wireBytes) + 1;
  }
  return size + 1;
}

/** Writes the request into `memory`, which has room for it, and answers its size. */
export function writeProduceRequest(
  memory: RequestMemory,
  header: ProduceHeader,
  correlationId: number,
  topics: readonly ProduceTopic[],
): number {
  const { bytes: target, standing } = memory;
  const view = new DataView(target.buffer, target.byteOffset, target.byteLength);
  let tailed = 0;
  let at = 4;
  view.setInt16(at, 0);
  view.setInt16(at + 2, header.version);
  view.setInt32(at + 4, correlationId);
  view.setInt16(at + 8, header.clientIdBytes.byteLength);
  at += 10;
  target.set(header.clientIdBytes, at);
  at += header.clientIdBytes.byteLength;
  target[at++] = 0;
  at = writeCompact(target, at, header.transactionalIdBytes);
  view.setInt16(at, header.acks);
  view.setInt32(at + 2, header.timeoutMs);
  at = writeUnsignedVarint(target, at + 6, topics.length + 1);
  for (const topic of topics) {
    at = writeCompact(target, at, topic.nameBytes);
    at = writeUnsignedVarint(target, at, topic.batches.length + 1);
    for (const each of topic.batches) {
      const { batch } = each;
      view.setInt32(at, each.topicPartition);
      at = writeUnsignedVarint(target, at + 4, batch.wireBytes + 1);
      each.wireAt = at;
      if (batch.tail === undefined) {
        target.set(batch.wire, at);
        at += batch.wireBytes;
      } else {
        const { buffer, headEnds, count, tail } = batch;
        at = writeWithTails(buffer, headEnds, count, tail, target, standing, tailed, at);
        tailed += count;
      }
      target[at++] = 0;
    }
    target[at++] = 0;
  }
  target[at++] = 0;
  view.setInt32(0, at - 4);
  endTails(standing, tailed, at);
  return at;
}

/** A compact string or byte field: its length plus one, then its bytes; null (-1) is one zero. */
function compactSize(length: number): number {
  return unsignedVarintSize(length + 1) + Math.max(length, 0);
}

function writeCompact(target: Uint8Array, at: number, bytes: Uint8Array | undefined): number {
  if (bytes === undefined) {
    target[at] = 0;
    return at + 1;
  }
  const start = writeUnsignedVarint(target, at, bytes.byteLength + 1);
  target.set(bytes, start);
  return start + bytes.byteLength;
}
