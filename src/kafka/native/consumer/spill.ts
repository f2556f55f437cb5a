// Puts a batch together that lies across the chunks of a socket, in a buffer that is used again.

import { int32At } from "./bytes.ts";

/** Offset and length stand before what the length counts. */
const lengthEnd = 12;

export interface Spill {
  readonly isOpen: boolean;
  /** All bytes of the batch are there. */
  readonly isWhole: boolean;
  /** A batch begins at `start`, of which at most `bytesMax` bytes will ever come. */
  open(bytes: Uint8Array, start: number, end: number, bytesMax: number): void;
  /** Takes what the batch needs from `start` on; answers where that ends. */
  fill(bytes: Uint8Array, start: number, end: number): number;
  /** The whole batch; valid until the next `open`. */
  take(): Uint8Array;
  close(): void;
}

export function createSpill(): Spill {
  let buffer = new Uint8Array(64 * 1024);
  let size = 0;
  /** The batch's size; 0 until its length has been read. */
  let needed = 0;
  let limit = 0;
  let isOpen = false;

  function add(bytes: Uint8Array, start: number, end: number): void {
    const count = end - start;
    if (size + count > buffer.length) {
      const larger = new Uint8Array(Math.max(needed, size + count, buffer.length * 2));
      larger.set(buffer.subarray(0, size));
      buffer = larger;
    }
    buffer.set(bytes.subarray(start, end), size);
    size += count;
  }

  function readLength(): void {
    if (needed > 0 || size < lengthEnd) return;
    // What cannot become whole is only counted; what is no length is looked at as it is.
    needed = Math.max(lengthEnd, lengthEnd + int32At(buffer, 8));
  }

  const spill: Spill = {
    get isOpen() {
      return isOpen;
    },
    get isWhole() {
      return needed > 0 && size >= needed;
    },
    open(bytes, start, end, bytesMax) {
      isOpen = true;
      size = 0;
      needed = 0;
      limit = bytesMax;
      spill.fill(bytes, start, end);
    },
    fill(bytes, start, end) {
      let at = start;
      if (needed === 0) {
        const headEnd = Math.min(end, at + lengthEnd - size);
        add(bytes, at, headEnd);
        at = headEnd;
        readLength();
      }
      if (needed > limit) return end;
      if (needed > 0) {
        const bodyEnd = Math.min(end, at + needed - size);
        add(bytes, at, bodyEnd);
        at = bodyEnd;
      }
      return at;
    },
    take() {
      isOpen = false;
      return buffer.subarray(0, size);
    },
    close() {
      isOpen = false;
    },
  };
  return spill;
}
