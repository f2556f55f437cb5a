// Writes a Fetch request (version 12, without a fetch session) into a buffer that is used again.
//
//   replica 4 | max wait 4 | min bytes 4 | max bytes 4 | isolation 1 | session 4 | epoch 4
//   [topic name, [partition 4, leader epoch 4, offset 8, last fetched epoch 4, log start 8,
//    max bytes 4, tags], tags] | [forgotten topics] | rack | tags

import { writeUnsignedVarint } from "../varint.ts";
import { writeInt32, writeInt64 } from "./bytes.ts";

export const fetchApi = { key: 1, version: 12 } as const;

export interface FetchSettings {
  readonly clientId: Uint8Array;
  readonly rack: Uint8Array;
  readonly maxWaitMs: number;
  readonly minBytes: number;
  readonly maxBytes: number;
  readonly partitionMaxBytes: number;
  readonly readCommitted: boolean;
}

/** What is asked of one topicPartition. Those of one topic stand together. */
export interface FetchPart {
  readonly topic: { readonly nameBytes: Uint8Array };
  readonly topicPartition: number;
  readonly leaderEpoch: number;
  readonly fetchOffset: number;
  /** The epoch of the last batch before `fetchOffset`; -1 when it is not known. */
  readonly lastFetchedEpoch: number;
}

const headerBytesMax = 4 + 2 + 2 + 4 + 2 + 1;
const bodyBytesMax = 25 + 5 + 1 + 5 + 1;
const partBytes = 4 + 4 + 8 + 4 + 8 + 4 + 1;
const topicBytesMax = 5 + 5 + 1;

/** Answers the request, length included, as a part of `buffer`, or of a larger one. */
export function writeFetchRequest(
  buffer: Uint8Array,
  correlationId: number,
  settings: FetchSettings,
  parts: readonly FetchPart[],
  maxWaitMs = settings.maxWaitMs,
): Uint8Array {
  const target = roomFor(buffer, settings, parts);
  let at = writeHeader(target, correlationId, settings.clientId);
  writeInt32(target, at, -1);
  writeInt32(target, at + 4, maxWaitMs);
  writeInt32(target, at + 8, settings.minBytes);
  writeInt32(target, at + 12, settings.maxBytes);
  target[at + 16] = settings.readCommitted ? 1 : 0;
  writeInt32(target, at + 17, 0);
  writeInt32(target, at + 21, -1);
  at = writeUnsignedVarint(target, at + 25, countTopics(parts) + 1);
  for (let index = 0; index < parts.length; ) {
    const { topic } = parts[index]!;
    let end = index + 1;
    while (end < parts.length && parts[end]!.topic === topic) end += 1;
    at = writeCompactBytes(target, at, topic.nameBytes);
    at = writeUnsignedVarint(target, at, end - index + 1);
    for (; index < end; index++) at = writePart(target, at, parts[index]!, settings);
    target[at++] = 0;
  }
  at = writeUnsignedVarint(target, at, 1);
  at = writeCompactBytes(target, at, settings.rack);
  target[at++] = 0;
  writeInt32(target, 0, at - 4);
  return target.subarray(0, at);
}

function roomFor(
  buffer: Uint8Array,
  settings: FetchSettings,
  parts: readonly FetchPart[],
): Uint8Array {
  let needed = headerBytesMax + bodyBytesMax + settings.clientId.length + settings.rack.length;
  needed += parts.length * partBytes;
  for (let index = 0; index < parts.length; index++) {
    const { topic } = parts[index]!;
    if (index === 0 || parts[index - 1]!.topic !== topic) {
      needed += topicBytesMax + topic.nameBytes.length;
    }
  }
  return buffer.length >= needed ? buffer : new Uint8Array(needed * 2);
}

function countTopics(parts: readonly FetchPart[]): number {
  let count = 0;
  for (let index = 0; index < parts.length; index++) {
    if (index === 0 || parts[index - 1]!.topic !== parts[index]!.topic) count += 1;
  }
  return count;
}

function writeHeader(target: Uint8Array, correlationId: number, clientId: Uint8Array): number {
  target[4] = 0;
  target[5] = fetchApi.key;
  target[6] = 0;
  target[7] = fetchApi.version;
  writeInt32(target, 8, correlationId);
  target[12] = clientId.length >>> 8;
  target[13] = clientId.length;
  target.set(clientId, 14);
  target[14 + clientId.length] = 0;
  return 15 + clientId.length;
}

function writePart(
  target: Uint8Array,
  at: number,
  part: FetchPart,
  settings: FetchSettings,
): number {
  writeInt32(target, at, part.topicPartition);
  writeInt32(target, at + 4, part.leaderEpoch);
  writeInt64(target, at + 8, part.fetchOffset);
  writeInt32(target, at + 16, part.lastFetchedEpoch);
  writeInt64(target, at + 20, -1);
  writeInt32(target, at + 28, settings.partitionMaxBytes);
  target[at + 32] = 0;
  return at + 33;
}

function writeCompactBytes(target: Uint8Array, at: number, bytes: Uint8Array): number {
  const start = writeUnsignedVarint(target, at, bytes.length + 1);
  target.set(bytes, start);
  return start + bytes.length;
}
