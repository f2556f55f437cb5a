// What the kafkajs producer has to send: batches by topicPartition, in order, with their memory and
// their deadlines. Pure: no kafkajs, no socket, no timer.
//
//   open -(full, lingered, flushed)-> waiting -(a call takes it)-> in a call -> settled

import type { Message } from "kafkajs";
import type { KafkaError, SendOutcome } from "../client.ts";

export interface Batch {
  readonly queue: Queue;
  readonly messages: Message[];
  readonly intendedUs: number[];
  readonly appendedUs: number[];
  /** An upper bound of its size on the wire. */
  sizeBytes: number;
  payloadBytes: number;
  readonly createdUs: number;
  /** When the call that took it began; 0 before. kafkajs does not tell when it writes. */
  sentUs: number;
  isSettled: boolean;
}

export interface Queue {
  readonly topic: string;
  readonly topicPartition: number;
  readonly lane: Lane;
  open: Batch | undefined;
  readonly waiting: Batch[];
  /** One call at a time has batches of a topicPartition: their order depends on it. */
  isInCall: boolean;
}

/** The topicPartitions that one broker led at the start, and the calls under way for them. */
export interface Lane {
  /** Queues with something waiting, in the order in which they got it. */
  readonly ready: Set<Queue>;
  calls: number;
}

/** The frame of a batch with one record, and the most that a record adds to its key and value. */
export const batchOverheadBytes = 61;
export const recordOverheadBytes = 21;

export function createQueue(topic: string, topicPartition: number, lane: Lane): Queue {
  return { topic, topicPartition, lane, open: undefined, waiting: [], isInCall: false };
}

export function openBatch(queue: Queue, nowUs: number): Batch {
  const batch: Batch = {
    queue,
    messages: [],
    intendedUs: [],
    appendedUs: [],
    sizeBytes: batchOverheadBytes,
    payloadBytes: 0,
    createdUs: nowUs,
    sentUs: 0,
    isSettled: false,
  };
  queue.open = batch;
  return batch;
}

/** Closes the open batch and puts it behind the waiting ones. Answers whether there was one. */
export function seal(queue: Queue): boolean {
  if (queue.open === undefined) return false;
  queue.waiting.push(queue.open);
  queue.open = undefined;
  if (!queue.isInCall) queue.lane.ready.add(queue);
  return true;
}

/** Takes the first batch of each ready topicPartition up to `maxBytes`; always at least one. */
export function takeBatches(lane: Lane, maxBytes: number): Batch[] {
  const taken: Batch[] = [];
  let sizeBytes = 0;
  for (const queue of lane.ready) {
    const batch = queue.waiting[0]!;
    if (taken.length > 0 && sizeBytes + batch.sizeBytes > maxBytes) break;
    queue.waiting.shift();
    queue.isInCall = true;
    lane.ready.delete(queue);
    taken.push(batch);
    sizeBytes += batch.sizeBytes;
  }
  return taken;
}

/** Makes the topicPartitions of a finished call ready again. */
export function release(batches: readonly Batch[]): void {
  for (const { queue } of batches) {
    queue.isInCall = false;
    if (queue.waiting.length > 0) queue.lane.ready.add(queue);
  }
}

/** Removes what waits or is open, for a producer that will not send it. */
export function takeUnsent(queues: readonly Queue[], isDue: (batch: Batch) => boolean): Batch[] {
  return queues.flatMap((queue) => {
    const due = queue.waiting.filter(isDue);
    if (due.length > 0) {
      const kept = queue.waiting.filter((batch) => !isDue(batch));
      queue.waiting.splice(0, queue.waiting.length, ...kept);
    }
    if (queue.open !== undefined && isDue(queue.open)) {
      due.push(queue.open);
      queue.open = undefined;
    }
    if (queue.waiting.length === 0) queue.lane.ready.delete(queue);
    return due;
  });
}

export function outcomeOf(
  batch: Batch,
  completedUs: number,
  error: KafkaError | undefined,
): SendOutcome {
  return {
    topic: batch.queue.topic,
    topicPartition: batch.queue.topicPartition,
    count: batch.messages.length,
    intendedUs: Float64Array.from(batch.intendedUs),
    appendedUs: Float64Array.from(batch.appendedUs),
    sentUs: batch.sentUs === 0 ? completedUs : batch.sentUs,
    completedUs,
    payloadBytes: batch.payloadBytes,
    error,
  };
}
