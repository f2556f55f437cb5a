// The producer's memory, bounded by buffer.memory. Batches of batch.size get buffers from slabs,
// the last one returned first. A batch needs its buffer only until its bytes stand in a request:
// then it lends the buffer back, so that the same few buffers, which the processor still has in its
// caches, are written again and again; the batch goes on counting until it is settled. A record
// larger than batch.size gets a batch of its own, counted by its real size.

import { createBatch, nothing, type RecordBatch, resetBatch } from "./record-batch.ts";

const slabBytes = 1024 * 1024;

export interface BatchPool {
  /** A batch with room for `sizeBytes`, or undefined while buffer.memory is used up. */
  take(sizeBytes: number): RecordBatch | undefined;
  /** Whether `take` would succeed. */
  hasRoom(sizeBytes: number): boolean;
  /** The batch's bytes are elsewhere now; `wire` has to be set before the batch is sent again. */
  lendBack(batch: RecordBatch): void;
  give(batch: RecordBatch): void;
  /** Bytes in use now. */
  readonly usedBytes: number;
}

/** `bufferBytes`: what a batch of batch.size needs in fact, when its records have a tail. */
export function createBatchPool(
  batchSizeBytes: number,
  memoryBytes: number,
  bufferBytes = batchSizeBytes,
): BatchPool {
  const memories: Memory[] = [];
  const batches: RecordBatch[] = [];
  let usedBytes = 0;
  let slab = new Uint8Array(0);
  let slabUsedBytes = 0;

  function newBuffer(): Uint8Array {
    if (bufferBytes > slabBytes / 4) return new Uint8Array(bufferBytes);
    if (slabUsedBytes + bufferBytes > slab.byteLength) {
      slab = new Uint8Array(slabBytes);
      slabUsedBytes = 0;
    }
    const buffer = slab.subarray(slabUsedBytes, slabUsedBytes + bufferBytes);
    slabUsedBytes += bufferBytes;
    return buffer;
  }

  /**
   * One batch is always granted, or a record that is larger than the memory would wait for ever.
   */
  function hasRoom(sizeBytes: number): boolean {
    return usedBytes === 0 || usedBytes + Math.max(sizeBytes, batchSizeBytes) <= memoryBytes;
  }

  function takeStandard(): RecordBatch {
    const batch = batches.pop() ?? createBatch(nothing);
    const memory = memories.pop() ?? unwired(newBuffer());
    batch.buffer = memory.buffer;
    batch.memoryBytes = batchSizeBytes;
    batch.wire = memory.wire;
    batch.crcBytes = memory.crcBytes;
    batch.view = memory.view;
    return batch;
  }

  function lendBack(batch: RecordBatch): void {
    const { buffer, wire, crcBytes, view, tail } = batch;
    if (buffer !== nothing && buffer.byteLength === bufferBytes) {
      const hasOwnView = tail !== undefined || wire.buffer === buffer.buffer;
      memories.push(hasOwnView ? { buffer, wire, crcBytes, view } : unwired(buffer));
    }
    batch.buffer = nothing;
    batch.tail = undefined;
    batch.wire = nothing;
  }

  return {
    hasRoom,
    take(sizeBytes) {
      if (!hasRoom(sizeBytes)) return undefined;
      const bytes = Math.max(sizeBytes, batchSizeBytes);
      usedBytes += bytes;
      return bytes > batchSizeBytes ? createBatch(new Uint8Array(bytes)) : takeStandard();
    },
    lendBack,
    give(batch) {
      usedBytes -= batch.memoryBytes;
      lendBack(batch);
      if (batch.memoryBytes !== batchSizeBytes) return;
      resetBatch(batch);
      batches.push(batch);
    },
    get usedBytes() {
      return usedBytes;
    },
  };
}

/** A buffer with the views of its last use. */
type Memory = Pick<RecordBatch, "buffer" | "wire" | "crcBytes" | "view">;

function unwired(buffer: Uint8Array): Memory {
  return { buffer, wire: nothing, crcBytes: nothing, view: new DataView(nothing.buffer) };
}
