// The producer's memory, bounded by buffer.memory: batches of batch.size are taken from slabs and
// used again, the last one returned first, so that a broker that keeps up touches little memory.
// A record larger than batch.size gets a batch of its own, counted by its real size.

import { createBatch, type RecordBatch, resetBatch } from "./record-batch.ts";

const slabBytes = 1024 * 1024;

export interface BatchPool {
  /** A batch with room for `sizeBytes`, or undefined while buffer.memory is used up. */
  take(sizeBytes: number): RecordBatch | undefined;
  /** Whether `take` would succeed. */
  hasRoom(sizeBytes: number): boolean;
  give(batch: RecordBatch): void;
  /** Bytes in use now. */
  readonly usedBytes: number;
}

export function createBatchPool(batchSizeBytes: number, memoryBytes: number): BatchPool {
  const free: RecordBatch[] = [];
  let usedBytes = 0;
  let slab = new Uint8Array(0);
  let slabUsedBytes = 0;

  function newBuffer(): Uint8Array {
    if (batchSizeBytes > slabBytes / 4) return new Uint8Array(batchSizeBytes);
    if (slabUsedBytes + batchSizeBytes > slab.byteLength) {
      slab = new Uint8Array(slabBytes);
      slabUsedBytes = 0;
    }
    const buffer = slab.subarray(slabUsedBytes, slabUsedBytes + batchSizeBytes);
    slabUsedBytes += batchSizeBytes;
    return buffer;
  }

  /** One batch is always granted, or a record that is larger than the memory would wait for ever. */
  function hasRoom(sizeBytes: number): boolean {
    return usedBytes === 0 || usedBytes + Math.max(sizeBytes, batchSizeBytes) <= memoryBytes;
  }

  return {
    hasRoom,
    take(sizeBytes) {
      if (!hasRoom(sizeBytes)) return undefined;
      const bytes = Math.max(sizeBytes, batchSizeBytes);
      usedBytes += bytes;
      if (bytes > batchSizeBytes) return createBatch(new Uint8Array(bytes));
      return free.pop() ?? createBatch(newBuffer());
    },
    give(batch) {
      usedBytes -= batch.buffer.byteLength;
      if (batch.buffer.byteLength !== batchSizeBytes) return;
      resetBatch(batch);
      free.push(batch);
    },
    get usedBytes() {
      return usedBytes;
    },
  };
}
