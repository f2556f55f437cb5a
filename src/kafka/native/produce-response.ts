// Reads a Produce response (versions 9 to 11) in place. The text of an error is decoded only when
// there is one. Bytes that are no such response are a FrameError.
//
//   tags | [topic name, [partition 4, error 2, base offset 8, append time 8, log start 8,
//           [record index 4, message, tags], message, tags], tags] | throttle 4 | tags

import { FrameError } from "./frame-reader.ts";

export interface PartitionAnswer {
  readonly topic: string;
  readonly topicPartition: number;
  readonly errorCode: number;
  readonly errorMessage: string | undefined;
}

export interface ProduceAnswer {
  readonly parts: readonly PartitionAnswer[];
  readonly throttleMs: number;
}

const decoder = new TextDecoder();

/** `frame` starts behind the correlation id. */
export function readProduceResponse(frame: Uint8Array): ProduceAnswer {
  try {
    return parse(frame);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new FrameError("the answer does not look like Kafka (a malformed Produce response)");
  }
}

/** Where the reading stands; one for all, since a response is read in one go. */
let at = 0;

function parse(frame: Uint8Array): ProduceAnswer {
  const parts: PartitionAnswer[] = [];
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  at = 0;
  skipTags(view);
  for (let topics = readVarint(view) - 1; topics > 0; topics--) {
    const topic = readText(view, frame, true) ?? "";
    for (let partitions = readVarint(view) - 1; partitions > 0; partitions--) {
      parts.push(readPartition(view, frame, topic));
    }
    skipTags(view);
  }
  return { parts, throttleMs: view.getInt32(at) };
}

function readPartition(view: DataView, frame: Uint8Array, topic: string): PartitionAnswer {
  const topicPartition = view.getInt32(at);
  const errorCode = view.getInt16(at + 4);
  const isFailed = errorCode !== 0;
  at += 30;
  let recordMessage: string | undefined;
  for (let records = readVarint(view) - 1; records > 0; records--) {
    at += 4;
    const ofRecord = readText(view, frame, isFailed);
    recordMessage ??= ofRecord;
    skipTags(view);
  }
  const message = readText(view, frame, isFailed);
  skipTags(view);
  return { topic, topicPartition, errorCode, errorMessage: message ?? recordMessage };
}

function readVarint(view: DataView): number {
  let byte = view.getUint8(at++);
  if (byte < 0x80) return byte;
  let value = byte & 0x7f;
  for (let shift = 7; shift < 35; shift += 7) {
    byte = view.getUint8(at++);
    value = (value | ((byte & 0x7f) << shift)) >>> 0;
    if (byte < 0x80) return value;
  }
  throw new RangeError("a number of more than 5 bytes");
}

function skipTags(view: DataView): void {
  for (let left = readVarint(view); left > 0; left--) {
    readVarint(view);
    const size = readVarint(view);
    at += size;
  }
}

function readText(view: DataView, frame: Uint8Array, isWanted: boolean): string | undefined {
  const length = readVarint(view) - 1;
  if (length <= 0) return undefined;
  at += length;
  return isWanted ? decoder.decode(frame.subarray(at - length, at)) : undefined;
}
