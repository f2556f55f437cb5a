// What a Fetch response says of one topicPartition besides its records.

import { int32At } from "./bytes.ts";

export interface AbortedTransaction {
  /** As text of both halves: producer ids have 64 bits. */
  readonly producer: string;
  readonly firstOffset: number;
}

export interface FetchedPart {
  topic: string;
  topicPartition: number;
  errorCode: number;
  highWatermark: number;
  lastStableOffset: number;
  aborted: readonly AbortedTransaction[];
  /** The replica that the broker wants to be asked instead; -1: none. */
  readReplica: number;
  /** Where this log left the one that the last fetched epoch belongs to; epoch -1: it did not. */
  divergingEpoch: number;
  divergingEndOffset: number;
  /** The leader that the broker knows of; -1: it did not say. */
  leaderId: number;
  leaderEpoch: number;
}

export const nothingAborted: readonly AbortedTransaction[] = [];

export function createFetchedPart(): FetchedPart {
  return {
    topic: "",
    topicPartition: 0,
    errorCode: 0,
    highWatermark: -1,
    lastStableOffset: -1,
    aborted: nothingAborted,
    readReplica: -1,
    divergingEpoch: -1,
    divergingEndOffset: -1,
    leaderId: -1,
    leaderEpoch: -1,
  };
}

export function producerAt(bytes: Uint8Array, at: number): string {
  return `${int32At(bytes, at)}:${int32At(bytes, at + 4)}`;
}
