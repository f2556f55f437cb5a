// Reads a Fetch response (version 12) in place, one topicPartition at a time: no copy of the
// records, and no object for a topicPartition. Bytes that are no such response are a FrameError.
//
//   tags | throttle 4 | error 2 | session 4
//   [topic name, [partition 4, error 2, high watermark 8, last stable 8, log start 8,
//    [producer 8, first offset 8, tags], read replica 4, records, tags], tags] | tags

import { FrameError } from "../frame-reader.ts";
import { int16At, int32At, int64At } from "./bytes.ts";

export interface AbortedTransaction {
  /** As text of both halves: producer ids have 64 bits. */
  readonly producer: string;
  readonly firstOffset: number;
}

/** The topicPartition that the reader is at. */
export interface FetchedPart {
  topic: string;
  topicPartition: number;
  errorCode: number;
  highWatermark: number;
  lastStableOffset: number;
  logStartOffset: number;
  aborted: readonly AbortedTransaction[];
  /** The replica that the broker wants to be asked instead; -1: none. */
  readReplica: number;
  /** Where the records stand in the frame; equal when there are none. */
  recordsStart: number;
  recordsEnd: number;
  /** Where this log left the one that the last fetched epoch belongs to; epoch -1: it did not. */
  divergingEpoch: number;
  divergingEndOffset: number;
  /** The leader that the broker knows of; -1: it did not say. */
  leaderId: number;
  leaderEpoch: number;
}

export interface FetchReader {
  readonly part: FetchedPart;
  /** Begins with a frame behind its correlation id; answers the error of the whole request. */
  begin(frame: Uint8Array): { readonly errorCode: number; readonly throttleMs: number };
  /** Goes to the next topicPartition. */
  next(): boolean;
}

const decoder = new TextDecoder();
const none: readonly AbortedTransaction[] = [];

export function createFetchReader(): FetchReader {
  let bytes = new Uint8Array(0);
  let at = 0;
  let topicsLeft = 0;
  let partsLeft = 0;

  const part: FetchedPart = {
    topic: "",
    topicPartition: 0,
    errorCode: 0,
    highWatermark: -1,
    lastStableOffset: -1,
    logStartOffset: -1,
    aborted: none,
    readReplica: -1,
    recordsStart: 0,
    recordsEnd: 0,
    divergingEpoch: -1,
    divergingEndOffset: -1,
    leaderId: -1,
    leaderEpoch: -1,
  };

  function take(count: number): number {
    const start = at;
    at += count;
    if (at > bytes.length) throw malformed("ends in mid-field");
    return start;
  }

  function varint(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = bytes[take(1)]!;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw malformed("has a number of more than 5 bytes");
  }

  /** The count of an array, whose elements take at least `bytesMin` each; null counts as empty. */
  function arrayCount(bytesMin: number): number {
    const count = Math.max(0, varint() - 1);
    if (count * bytesMin > bytes.length - at) throw malformed("announces more than it holds");
    return count;
  }

  function skipTags(): void {
    for (let left = varint(); left > 0; left--) {
      varint();
      take(varint());
    }
  }

  function readPartTags(): void {
    part.divergingEpoch = -1;
    part.divergingEndOffset = -1;
    part.leaderId = -1;
    part.leaderEpoch = -1;
    for (let left = varint(); left > 0; left--) {
      const tag = varint();
      const size = varint();
      const start = take(size);
      if (tag === 0 && size >= 12) {
        part.divergingEpoch = int32At(bytes, start);
        part.divergingEndOffset = int64At(bytes, start + 4);
      } else if (tag === 1 && size >= 8) {
        part.leaderId = int32At(bytes, start);
        part.leaderEpoch = int32At(bytes, start + 4);
      }
    }
  }

  function readAborted(): readonly AbortedTransaction[] {
    const count = arrayCount(17);
    if (count === 0) return none;
    return Array.from({ length: count }, () => {
      const start = take(16);
      skipTags();
      return { producer: producerAt(bytes, start), firstOffset: int64At(bytes, start + 8) };
    });
  }

  function readTopic(): void {
    const length = Math.max(0, varint() - 1);
    const start = take(length);
    part.topic = decoder.decode(bytes.subarray(start, at));
    partsLeft = arrayCount(37);
  }

  function readPart(): void {
    const start = take(4 + 2 + 8 + 8 + 8);
    part.topicPartition = int32At(bytes, start);
    part.errorCode = int16At(bytes, start + 4);
    part.highWatermark = int64At(bytes, start + 6);
    part.lastStableOffset = int64At(bytes, start + 14);
    part.logStartOffset = int64At(bytes, start + 22);
    part.aborted = readAborted();
    part.readReplica = int32At(bytes, take(4));
    const recordsBytes = Math.max(0, varint() - 1);
    part.recordsStart = take(recordsBytes);
    part.recordsEnd = at;
    readPartTags();
  }

  return {
    part,
    begin(frame) {
      bytes = frame as Uint8Array<ArrayBuffer>;
      at = 0;
      partsLeft = 0;
      skipTags();
      const start = take(4 + 2 + 4);
      const errorCode = int16At(bytes, start + 4);
      topicsLeft = arrayCount(3);
      return { errorCode, throttleMs: int32At(bytes, start) };
    },
    next() {
      while (partsLeft === 0) {
        if (topicsLeft === 0) return false;
        topicsLeft -= 1;
        readTopic();
        if (partsLeft === 0) skipTags();
      }
      readPart();
      partsLeft -= 1;
      if (partsLeft === 0) skipTags();
      return true;
    },
  };
}

export function producerAt(bytes: Uint8Array, at: number): string {
  return `${int32At(bytes, at)}:${int32At(bytes, at + 4)}`;
}

function malformed(what: string): FrameError {
  return new FrameError(`the answer to a Fetch request ${what}`);
}
