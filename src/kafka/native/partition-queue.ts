// What one topicPartition has to send, in order, and the rules that keep the order and the
// exactly-once promise of the idempotent producer. Pure: no socket, no timer.
//
//   open -> waiting -> inFlight -> (settled)
//                ^         |
//                +- retry <+   a batch that may be sent again waits here until nothing of this
//                              topicPartition is in flight; then all go back in front, in order
//
// A batch has its sequence numbers from the moment it is closed. A batch that fails without ever
// having been sent gives its numbers to those behind it. One that was sent and then given up leaves
// a gap on purpose: if the broker has it after all, the next one fits; if not, the broker's answer
// OUT_OF_ORDER_SEQUENCE_NUMBER proves that nothing behind the gap was written, and only then all of
// it may be sent again in a new epoch without the risk of a duplicate.

import type { BatchCodec, BatchProducer, RecordBatch } from "./record-batch.ts";
import { closeBatch } from "./record-batch.ts";
import { splitBatch } from "./split-batch.ts";

export interface TopicQueues {
  readonly name: string;
  readonly nameBytes: Uint8Array;
  readonly queues: PartitionQueue[];
}

export interface PartitionQueue {
  readonly topic: TopicQueues;
  readonly topicPartition: number;
  /** -1 while unknown. */
  leaderId: number;
  open: RecordBatch | undefined;
  readonly waiting: RecordBatch[];
  readonly inFlight: RecordBatch[];
  /** The broker that the batches in flight went to. */
  inFlightBrokerId: number;
  readonly retry: RecordBatch[];
  nextSequence: number;
  /** A batch with the present producer id was acknowledged. */
  isKnownToBroker: boolean;
  /** Added to the producer's epoch: each topicPartition is bumped alone (without transactions). */
  epochBumps: number;
  /** The broker refused the order: number everything anew, in a higher epoch. */
  needsNewEpoch: boolean;
  backoffUntilUs: number;
  /** Stands in its leader's list of topicPartitions to look at. */
  isListed: boolean;
  /** The transaction coordinator knows that the present transaction writes here. */
  isInTransaction: boolean;
}

export function createPartitionQueue(topic: TopicQueues, topicPartition: number): PartitionQueue {
  return {
    topic,
    topicPartition,
    leaderId: -1,
    open: undefined,
    waiting: [],
    inFlight: [],
    inFlightBrokerId: -1,
    retry: [],
    nextSequence: 0,
    isKnownToBroker: false,
    epochBumps: 0,
    needsNewEpoch: false,
    backoffUntilUs: 0,
    isListed: false,
    isInTransaction: false,
  };
}

export interface Sealing {
  /** Undefined: without idempotence. */
  readonly producer: BatchProducer | undefined;
  readonly codec: BatchCodec | undefined;
  readonly crc32c: (bytes: Uint8Array) => number;
  /** Memory of the batches that were sealed and are neither in flight nor settled. */
  waitingBytes: number;
}

/** Closes the open batch, if there is one, and puts it behind the waiting ones. */
export function sealOpenBatch(queue: PartitionQueue, sealing: Sealing): boolean {
  const batch = queue.open;
  if (batch === undefined) return false;
  queue.open = undefined;
  seal(queue, batch, sealing);
  queue.waiting.push(batch);
  sealing.waitingBytes += batch.memoryBytes;
  return true;
}

const noProducer: BatchProducer = { producerId: -1n, producerEpoch: -1, transactional: false };

/** Gives the batch the next sequence numbers. */
function seal(queue: PartitionQueue, batch: RecordBatch, sealing: Sealing): void {
  sealAt(queue.nextSequence, queue, batch, sealing);
  queue.nextSequence = sequenceAfter(queue.nextSequence, batch.count);
}

function sealAt(
  sequence: number,
  queue: PartitionQueue,
  batch: RecordBatch,
  sealing: Sealing,
): void {
  const { producer } = sealing;
  if (producer === undefined) {
    closeBatch(batch, noProducer, -1, sealing.codec, sealing.crc32c);
    return;
  }
  const { epochBumps } = queue;
  const bumped =
    epochBumps === 0
      ? producer
      : { ...producer, producerEpoch: producer.producerEpoch + epochBumps };
  closeBatch(batch, bumped, sequence, sealing.codec, sealing.crc32c);
}

/** Sequences count records and start again at 0 behind 2^31-1. */
export function sequenceAfter(sequence: number, count: number): number {
  return (sequence + count) % 2 ** 31;
}

/** True when `a` was given out before `b`, also around the wrap. */
function isBefore(a: number, b: number): boolean {
  return a !== b && (b - a + 2 ** 31) % 2 ** 31 < 2 ** 30;
}

/** Whether a batch may go out now. */
export function canSend(queue: PartitionQueue, nowUs: number): boolean {
  if (queue.waiting.length === 0 || queue.backoffUntilUs > nowUs) return false;
  if (queue.needsNewEpoch || queue.retry.length > 0) return false;
  const flying = queue.inFlight[0];
  return flying === undefined || canFollow(queue, flying);
}

/** Whether the next batch may go out behind one that is in flight. */
function canFollow(queue: PartitionQueue, flying: RecordBatch): boolean {
  // Two leaders at once could take batches in another order than they were sent.
  if (queue.inFlightBrokerId !== queue.leaderId) return false;
  const next = queue.waiting[0]!;
  if (next.baseSequence < 0) return true;
  // A broker that does not know the producer takes any sequence: a batch could get in though the
  // one before it was refused.
  if (!queue.isKnownToBroker) return false;
  // A batch that comes again is recognized among the last five only: if it is refused for a while,
  // it must not see more and more others go past it.
  return flying.attempts === 1 && next.attempts === 0;
}

/** Moves the next batch in flight. */
export function takeForSending(
  queue: PartitionQueue,
  sealing: Sealing,
  nowUs: number,
): RecordBatch {
  const batch = queue.waiting.shift();
  if (batch === undefined) throw new Error("takeForSending needs a waiting batch");
  sealing.waitingBytes -= batch.memoryBytes;
  batch.attempts += 1;
  if (batch.sentUs === 0) batch.sentUs = nowUs;
  queue.inFlight.push(batch);
  queue.inFlightBrokerId = queue.leaderId;
  return batch;
}

/** The batch is not in flight any more. False if it was not. */
export function landed(queue: PartitionQueue, batch: RecordBatch): boolean {
  if (queue.inFlight[0] === batch) {
    queue.inFlight.shift();
    return true;
  }
  const index = queue.inFlight.indexOf(batch);
  if (index < 0) return false;
  queue.inFlight.splice(index, 1);
  return true;
}

/** The batch will be sent again, once nothing of this topicPartition is in flight. */
export function keepForRetry(queue: PartitionQueue, batch: RecordBatch, sealing: Sealing): void {
  sealing.waitingBytes += batch.memoryBytes;
  let index = queue.retry.length;
  while (index > 0 && goesBefore(batch, queue.retry[index - 1]!)) index--;
  queue.retry.splice(index, 0, batch);
}

/** As keepForRetry, for a batch that the broker found too large: in two, with its own numbers. */
export function splitForRetry(
  queue: PartitionQueue,
  batch: RecordBatch,
  wire: Uint8Array,
  sealing: Sealing,
): void {
  const first = batch.baseSequence;
  const second = splitBatch(batch, wire, sealing.codec);
  sealAt(first, queue, batch, sealing);
  sealAt(sequenceAfter(first, batch.count), queue, second, sealing);
  for (const half of [batch, second]) keepForRetry(queue, half, sealing);
}

function goesBefore(a: RecordBatch, b: RecordBatch): boolean {
  if (a.baseSequence < 0 || b.baseSequence < 0) return a.createdUs < b.createdUs;
  return isBefore(a.baseSequence, b.baseSequence);
}

/**
 * A batch that was taken out of `waiting` or `retry` failed for good. If it was never sent, nothing
 * behind it was either, and its numbers go to those.
 */
export function gaveUp(queue: PartitionQueue, batch: RecordBatch, sealing: Sealing): void {
  if (batch.baseSequence < 0 || batch.attempts > 0) return;
  queue.nextSequence = batch.baseSequence;
  for (const behind of queue.waiting) seal(queue, behind, sealing);
}

/**
 * To be called when something landed: with nothing in flight, what waits for a retry goes in front
 * again, and a new epoch begins if it has to.
 */
export function recover(queue: PartitionQueue, sealing: Sealing): void {
  if (queue.inFlight.length > 0) return;
  if (queue.retry.length > 0) queue.waiting.unshift(...queue.retry.splice(0));
  if (!queue.needsNewEpoch) return;
  queue.needsNewEpoch = false;
  queue.epochBumps += 1;
  queue.nextSequence = 0;
  for (const batch of queue.waiting) seal(queue, batch, sealing);
}

/** For the start of a new producer epoch (after a transaction was aborted): order begins anew. */
export function resetOrder(queue: PartitionQueue): void {
  queue.nextSequence = 0;
  queue.isKnownToBroker = false;
  queue.epochBumps = 0;
  queue.needsNewEpoch = false;
}
