// The rules of one topicPartition's queue one by one; producer-simulation.test.ts shows them
// together.

import { describe, expect, test } from "bun:test";
import { crc32c } from "./crc32c.ts";
import {
  canSend,
  createPartitionQueue,
  gaveUp,
  keepForRetry,
  landed,
  type PartitionQueue,
  recover,
  type Sealing,
  sealOpenBatch,
  sequenceAfter,
  takeForSending,
} from "./partition-queue.ts";
import { openBatchOf, readBatch, startMs } from "./test-batches.suite.ts";

const sealing: Sealing = {
  producer: { producerId: 1n, producerEpoch: 0, transactional: false },
  codec: undefined,
  crc32c,
  waitingBytes: 0,
};

/** A queue with these numbers of records in its waiting batches. */
function queueOf(firstSequence: number, ...counts: number[]): PartitionQueue {
  const queue = createPartitionQueue({ name: "t", nameBytes: new Uint8Array(0), queues: [] }, 0);
  queue.leaderId = 1;
  queue.isKnownToBroker = true;
  queue.nextSequence = firstSequence;
  for (const count of counts) {
    const record = { key: null, value: null, timestampMs: startMs };
    queue.open = openBatchOf(Array(count).fill(record));
    sealOpenBatch(queue, sealing);
  }
  return queue;
}

const sequences = (queue: PartitionQueue) =>
  queue.waiting.map(({ wire }) => readBatch(wire).firstSequence);

const send = (queue: PartitionQueue) => takeForSending(queue, sealing, 1);

describe("sequence numbers", () => {
  test("begin again at 0 behind 2^31-1", () => {
    expect(sequenceAfter(2 ** 31 - 1, 1)).toBe(0);
    expect(sequences(queueOf(2 ** 31 - 5, 3, 4, 2))).toEqual([2 ** 31 - 5, 2 ** 31 - 2, 2]);
  });

  test("keep the order of retries around their end", () => {
    const queue = queueOf(2 ** 31 - 5, 3, 4, 2);
    const batches = [send(queue), send(queue), send(queue)];
    for (const index of [2, 0, 1]) {
      landed(queue, batches[index]!);
      keepForRetry(queue, batches[index]!, sealing);
    }
    recover(queue, sealing);
    expect(sequences(queue)).toEqual([2 ** 31 - 5, 2 ** 31 - 2, 2]);
  });

  test("of a batch that was never sent go to those behind it", () => {
    const queue = queueOf(10, 3, 4, 2);
    gaveUp(queue, queue.waiting.shift()!, sealing);
    expect(sequences(queue)).toEqual([10, 14]);
    expect(queue.nextSequence).toBe(16);
  });

  test("of a batch that was sent stay with it", () => {
    const queue = queueOf(10, 3, 4);
    const sent = send(queue);
    landed(queue, sent);
    gaveUp(queue, sent, sealing);
    expect(sequences(queue)).toEqual([13]);
  });

  test("begin at 0 in a new epoch", () => {
    const queue = queueOf(10, 3, 4);
    const sent = send(queue);
    landed(queue, sent);
    keepForRetry(queue, sent, sealing);
    queue.needsNewEpoch = true;
    recover(queue, sealing);
    expect(sequences(queue)).toEqual([0, 3]);
    expect(queue.waiting.map(({ wire }) => readBatch(wire).producerEpoch)).toEqual([1, 1]);
  });
});

describe("a batch", () => {
  test("follows another one in flight to the same broker", () => {
    const queue = queueOf(0, 1, 1);
    send(queue);
    expect(canSend(queue, 0)).toBe(true);
    queue.leaderId = 2;
    expect(canSend(queue, 0)).toBe(false);
  });

  test("waits while the broker does not know the producer yet", () => {
    const queue = queueOf(0, 1, 1);
    queue.isKnownToBroker = false;
    expect(canSend(queue, 0)).toBe(true);
    send(queue);
    expect(canSend(queue, 0)).toBe(false);
  });

  test("waits while one before it is tried again", () => {
    const queue = queueOf(0, 1, 1);
    const first = send(queue);
    landed(queue, first);
    keepForRetry(queue, first, sealing);
    expect(canSend(queue, 0)).toBe(false);
    recover(queue, sealing);
    expect(send(queue)).toBe(first);
    expect(canSend(queue, 0)).toBe(false);
    landed(queue, first);
    expect(canSend(queue, 0)).toBe(true);
  });

  test("waits for the end of the pause", () => {
    const queue = queueOf(0, 1);
    queue.backoffUntilUs = 100;
    expect([canSend(queue, 99), canSend(queue, 100)]).toEqual([false, true]);
  });
});
