// Bytes reach the socket once and in order, however little it takes at a time.

import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { createWriteQueue } from "./write-queue.ts";

/** Takes as many bytes at each call as the next of `portions` says, for ever nothing after them. */
function stingySocket(portions: readonly number[]) {
  const taken: number[] = [];
  let calls = 0;
  return {
    taken,
    get isExhausted() {
      return calls >= portions.length;
    },
    write(bytes: Uint8Array, offset: number, length: number): number {
      const size = Math.min(portions[calls++] ?? 0, length);
      taken.push(...bytes.subarray(offset, offset + size));
      return size;
    },
  };
}

describe("the write queue", () => {
  test("writes everything in order and tells when each entry's last byte was taken", () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ minLength: 1, maxLength: 30 }), { minLength: 1, maxLength: 20 }),
        fc.array(fc.nat({ max: 40 }), { maxLength: 80 }),
        (entries, portions) => {
          const socket = stingySocket([...portions, ...Array(entries.length).fill(30)]);
          const queue = createWriteQueue(socket);
          const ends: number[] = [];
          for (const entry of entries) queue.push(entry, () => ends.push(socket.taken.length));
          while (!queue.isEmpty && !socket.isExhausted) queue.drain();
          expect(queue.isEmpty).toBe(true);
          expect(socket.taken).toEqual(entries.flatMap((entry) => [...entry]));
          let sum = 0;
          expect(ends).toEqual(entries.map((entry) => (sum += entry.byteLength)));
        },
      ),
      { numRuns: 300 },
    );
  });

  test("does not overtake what waits, though the socket would take it", () => {
    const socket = stingySocket([1, 100, 100]);
    const queue = createWriteQueue(socket);
    queue.push(Uint8Array.of(1, 2));
    queue.push(Uint8Array.of(3));
    expect(socket.taken).toEqual([1]);
    queue.drain();
    expect(socket.taken).toEqual([1, 2, 3]);
  });

  test("keeps what a closed socket refuses", () => {
    const queue = createWriteQueue({ write: () => -1 });
    let isWritten = false;
    queue.push(Uint8Array.of(1), () => {
      isWritten = true;
    });
    queue.drain();
    expect([queue.isEmpty, isWritten]).toEqual([false, false]);
  });
});
