// Reads a Fetch response (version 12) while it arrives: whole batches are handed on out of the
// socket's own chunks, while the caches still hold them, and only what lies across two chunks is
// put together. Bytes that are no such response are a FrameError.
//
//   tags | throttle 4 | error 2 | session 4
//   [topic name, [partition 4, error 2, high watermark 8, last stable 8, log start 8,
//    [producer 8, first offset 8, tags], read replica 4, records, tags], tags] | tags

import type { KafkaError } from "../../client.ts";
import { type BatchesLook, cutOffBatch, lookAtBatches } from "./batch-header.ts";
import { int16At, int32At, int64At } from "./bytes.ts";
import { createFetchedPart, type FetchedPart, nothingAborted, producerAt } from "./fetched-part.ts";
import { createFieldReader, incomplete, malformed } from "./field-reader.ts";
import { createSpill } from "./spill.ts";

export interface FetchStreamEvents {
  onHead(errorCode: number, throttleMs: number): void;
  /** A topicPartition begins; false: its records are of no use. */
  onPart(part: FetchedPart): boolean;
  /** Whole batches of the present part, between `start` and `look.end`; valid during the call. */
  onBatches(bytes: Uint8Array, start: number, look: BatchesLook): void;
  /** The records of the present part are corrupt, or too large to be whole. */
  onBadRecords(error: KafkaError): void;
  /** The present part is complete, with what its tags say. */
  onPartEnd(part: FetchedPart): void;
}

export interface FetchStream {
  /** A response of so many bytes begins. */
  begin(sizeBytes: number): void;
  push(bytes: Uint8Array, start: number, end: number): void;
  /** Whether the response ended where its bytes did. */
  readonly isComplete: boolean;
}

type Stage = "head" | "topic" | "part" | "records" | "partTags" | "topicTags" | "tags" | "done";

const decoder = new TextDecoder();

export function createFetchStream(events: FetchStreamEvents): FetchStream {
  const reader = createFieldReader();
  const part = createFetchedPart();
  const look: BatchesLook = { end: 0, nextOffset: -1, lastEpoch: -1, codecs: 0 };
  const spill = createSpill();
  let stage: Stage = "done";
  let bytesLeft = 0;
  let topicsLeft = 0;
  let partsLeft = 0;
  /** Of the present part: all, and those that have not been read. */
  let recordsBytes = 0;
  let recordsLeft = 0;
  let isWanted = false;
  let hasBatches = false;
  /** The beginning of a field that the last piece ended in. */
  let carry: Uint8Array | undefined;

  function readHead(): void {
    reader.skipTags();
    const start = reader.take(4 + 2 + 4);
    const { bytes } = reader;
    topicsLeft = reader.count(3);
    events.onHead(int16At(bytes, start + 4), int32At(bytes, start));
    stage = topicsLeft > 0 ? "topic" : "tags";
  }

  function readTopic(): void {
    const length = Math.max(0, reader.varint() - 1);
    const start = reader.take(length);
    const name = decoder.decode(reader.bytes.subarray(start, start + length));
    partsLeft = reader.count(37);
    part.topic = name;
    stage = partsLeft > 0 ? "part" : "topicTags";
  }

  function readPart(): void {
    const start = reader.take(4 + 2 + 8 + 8 + 8);
    const aborted = readAborted();
    const replica = reader.take(4);
    const announced = Math.max(0, reader.varint() - 1);
    const { bytes } = reader;
    if (announced > reader.end - reader.at + reader.bytesBehind) {
      throw malformed("announces more than it holds");
    }
    part.topicPartition = int32At(bytes, start);
    part.errorCode = int16At(bytes, start + 4);
    part.highWatermark = int64At(bytes, start + 6);
    part.lastStableOffset = int64At(bytes, start + 14);
    part.aborted = aborted;
    part.readReplica = int32At(bytes, replica);
    recordsBytes = announced;
    recordsLeft = announced;
    hasBatches = false;
    isWanted = events.onPart(part);
    stage = "records";
  }

  function readAborted() {
    const count = reader.count(17);
    if (count === 0) return nothingAborted;
    return Array.from({ length: count }, () => {
      const start = reader.take(16);
      reader.skipTags();
      const { bytes } = reader;
      return { producer: producerAt(bytes, start), firstOffset: int64At(bytes, start + 8) };
    });
  }

  function readPartTags(): void {
    part.divergingEpoch = -1;
    part.divergingEndOffset = -1;
    part.leaderId = -1;
    part.leaderEpoch = -1;
    for (let left = reader.varint(); left > 0; left--) {
      const tag = reader.varint();
      const size = reader.varint();
      const start = reader.take(size);
      const { bytes } = reader;
      if (tag === 0 && size >= 12) {
        part.divergingEpoch = int32At(bytes, start);
        part.divergingEndOffset = int64At(bytes, start + 4);
      } else if (tag === 1 && size >= 8) {
        part.leaderId = int32At(bytes, start);
        part.leaderEpoch = int32At(bytes, start + 4);
      }
    }
    events.onPartEnd(part);
    partsLeft -= 1;
    stage = partsLeft > 0 ? "part" : "topicTags";
  }

  function readTopicTags(): void {
    reader.skipTags();
    topicsLeft -= 1;
    stage = topicsLeft > 0 ? "topic" : "tags";
  }

  function handOn(bytes: Uint8Array, start: number, end: number): number {
    const problem = lookAtBatches(bytes, start, end, look);
    if (look.nextOffset !== -1) {
      hasBatches = true;
      events.onBatches(bytes, start, look);
    }
    if (problem !== undefined && isWanted) {
      isWanted = false;
      events.onBadRecords(problem);
    }
    return look.end;
  }

  /** Takes what the piece holds of the records; what is left of a batch at its end is spilled. */
  function readRecords(): void {
    const { bytes } = reader;
    const count = Math.min(recordsLeft, reader.end - reader.at);
    const end = reader.at + count;
    recordsLeft -= count;
    let at = reader.at;
    reader.at = end;
    if (isWanted && spill.isOpen) {
      at = spill.fill(bytes, at, end);
      if (spill.isWhole) {
        const whole = spill.take();
        handOn(whole, 0, whole.length);
      }
    }
    if (isWanted && !spill.isOpen && at < end) {
      const whole = handOn(bytes, at, end);
      if (isWanted && whole < end && recordsLeft > 0) {
        spill.open(bytes, whole, end, end - whole + recordsLeft);
      } else if (isWanted && !hasBatches && recordsLeft === 0) cutOff();
    } else if (isWanted && spill.isOpen && recordsLeft === 0 && !hasBatches) {
      cutOff();
    }
    if (recordsLeft > 0) return;
    spill.close();
    stage = "partTags";
  }

  function cutOff(): void {
    isWanted = false;
    events.onBadRecords(cutOffBatch(recordsBytes));
  }

  const readers: Readonly<Record<Stage, () => void>> = {
    head: readHead,
    topic: readTopic,
    part: readPart,
    records: readRecords,
    partTags: readPartTags,
    topicTags: readTopicTags,
    tags() {
      reader.skipTags();
      stage = "done";
    },
    done() {
      throw malformed("goes on behind its end");
    },
  };

  /** Reads as many fields as are whole. */
  function run(): void {
    while (reader.at < reader.end || (stage === "records" && recordsLeft === 0)) {
      const start = reader.at;
      try {
        readers[stage]();
      } catch (error) {
        if (error !== incomplete) throw error;
        carry = new Uint8Array(reader.bytes.subarray(start, reader.end));
        return;
      }
    }
  }

  return {
    get isComplete() {
      return stage === "done" && carry === undefined;
    },
    begin(sizeBytes) {
      stage = "head";
      bytesLeft = sizeBytes;
      carry = undefined;
      spill.close();
    },
    push(bytes, start, end) {
      bytesLeft -= end - start;
      reader.bytesBehind = bytesLeft;
      if (carry === undefined) {
        reader.bytes = bytes;
        reader.at = start;
        reader.end = end;
      } else {
        reader.bytes = joined(carry, bytes.subarray(start, end));
        reader.at = 0;
        reader.end = reader.bytes.length;
        carry = undefined;
      }
      run();
    },
  };
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const whole = new Uint8Array(first.length + second.length);
  whole.set(first);
  whole.set(second, first.length);
  return whole;
}
