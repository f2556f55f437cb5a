// A topicPartition that is assigned to the consumer: where it is read, where the next fetch and the
// next record are. `fetchOffset` runs ahead of `position` by what was fetched and not handed over.

import type { KafkaError, OffsetQuery } from "../../client.ts";
import type { FetchPart } from "./fetch-request.ts";
import type { ParcelOwner } from "./parcel.ts";

export interface TopicName {
  readonly name: string;
  readonly nameBytes: Uint8Array;
}

export type PlaceAt = OffsetQuery | "committed" | "reset";

export interface Partition extends FetchPart, ParcelOwner {
  readonly topic: TopicName;
  readonly topicPartition: number;
  /** -1: nobody, or not known. */
  leaderId: number;
  leaderEpoch: number;
  /** The replica to read from instead of the leader; -1: none. */
  readReplica: number;
  readReplicaUntilUs: number;
  position: number;
  fetchOffset: number;
  lastFetchedEpoch: number;
  /** Undefined until an answer told. */
  endOffset: number | undefined;
  /** Whether there is a position. */
  isPlaced: boolean;
  /** Where to look for one: the group's commit, auto.offset.reset, or what was asked. */
  placeAt: PlaceAt;
  /** Counts seeks: what was asked before one is not wanted any more. */
  generation: number;
  isAssigned: boolean;
  /** Left alone after an error until then. */
  blockedUntilUs: number;
  lastError: KafkaError | undefined;
}

export function createPartition(topic: TopicName, topicPartition: number): Partition {
  return {
    name: topic.name,
    topic,
    topicPartition,
    leaderId: -1,
    leaderEpoch: -1,
    readReplica: -1,
    readReplicaUntilUs: 0,
    position: -1,
    fetchOffset: -1,
    lastFetchedEpoch: -1,
    endOffset: undefined,
    isPlaced: false,
    placeAt: "committed",
    generation: 0,
    isAssigned: true,
    blockedUntilUs: 0,
    lastError: undefined,
  };
}

/** Puts the partition at this offset; `epoch` is that of the batch before it, -1 if unknown. */
export function place(partition: Partition, offset: number, epoch: number): void {
  partition.position = offset;
  partition.fetchOffset = offset;
  partition.lastFetchedEpoch = epoch;
  partition.isPlaced = true;
  partition.generation += 1;
}

/** Takes its position away, so that it is looked for anew. */
export function displace(partition: Partition, placeAt: PlaceAt): void {
  partition.isPlaced = false;
  partition.placeAt = placeAt;
  partition.generation += 1;
}

export function partitionText(partition: ParcelOwner): string {
  return `partition ${partition.topicPartition} of topic "${partition.name}"`;
}
