// Which batches a read_committed consumer leaves out: those of aborted transactions. The broker
// names each aborted transaction of an answer by its producer and first offset; the transaction
// ends at its abort marker, a control batch of the same producer.

import { batchHeaderBytes, controlBit, transactionalBit } from "./batch-header.ts";
import { int16At } from "./bytes.ts";
import { type AbortedTransaction, producerAt } from "./fetched-part.ts";

export interface AbortFilter {
  /** Whether the records of this batch may be handed over. Batches come in their order. */
  passes(bytes: Uint8Array, start: number, lastOffset: number, attributes: number): boolean;
}

const abortMarker = 0;

/** For one topicPartition's part of one answer. */
export function createAbortFilter(aborted: readonly AbortedTransaction[]): AbortFilter {
  const waiting = [...aborted].sort((a, b) => a.firstOffset - b.firstOffset);
  const aborting = new Set<string>();
  let nextWaiting = 0;

  return {
    passes(bytes, start, lastOffset, attributes) {
      if ((attributes & transactionalBit) === 0) return true;
      while (nextWaiting < waiting.length && waiting[nextWaiting]!.firstOffset <= lastOffset) {
        aborting.add(waiting[nextWaiting]!.producer);
        nextWaiting += 1;
      }
      const producer = producerAt(bytes, start + 43);
      if (!aborting.has(producer)) return true;
      if ((attributes & controlBit) === 0) return false;
      if (markerType(bytes, start) === abortMarker) aborting.delete(producer);
      return true;
    },
  };
}

/**
 * The key of a control record is its version (2 bytes) and type (2 bytes); markers are written
 * alone and not compressed. Lengths and deltas before the key take one byte each.
 */
function markerType(bytes: Uint8Array, start: number): number {
  const keyStart = start + batchHeaderBytes + 5;
  return int16At(bytes, keyStart + 2);
}
