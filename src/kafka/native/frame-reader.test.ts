// Frames come out whole and in order, however the stream was cut.

import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { createFrameReader, FrameError, frameBytesMax } from "./frame-reader.ts";

function framed(bodies: readonly Uint8Array[]): Uint8Array {
  const parts = bodies.map((body) => {
    const part = Buffer.alloc(4 + body.byteLength);
    part.writeUInt32BE(body.byteLength);
    part.set(body, 4);
    return part;
  });
  return new Uint8Array(Buffer.concat(parts));
}

function cut(stream: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let at = 0, index = 0; at < stream.byteLength; index++) {
    const size = sizes[index % sizes.length]!;
    chunks.push(stream.slice(at, at + size));
    at += size;
  }
  return chunks;
}

function announcing(lengthBytes: number): Uint8Array {
  const head = Buffer.alloc(4);
  head.writeUInt32BE(lengthBytes);
  return head;
}

describe("the frame reader", () => {
  test("gives the same frames for every way to cut the stream", () => {
    const body = fc.oneof(
      fc.uint8Array({ maxLength: 12 }),
      fc.uint8Array({ minLength: 4000, maxLength: 9000 }),
    );
    fc.assert(
      fc.property(
        fc.array(body, { maxLength: 8 }),
        fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1, maxLength: 6 }),
        (bodies, sizes) => {
          const frames: Uint8Array[] = [];
          const reader = createFrameReader((frame) => frames.push(frame.slice()));
          for (const chunk of cut(framed(bodies), sizes)) reader.push(chunk);
          expect(frames).toEqual(bodies);
        },
      ),
      { numRuns: 200 },
    );
  });

  test("hands on a frame as soon as its last byte is there", () => {
    let count = 0;
    const reader = createFrameReader(() => count++);
    const stream = framed([Uint8Array.of(1, 2, 3), new Uint8Array(0)]);
    const counts = cut(stream, [1]).map((chunk) => {
      reader.push(chunk);
      return count;
    });
    expect(counts).toEqual([0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2]);
  });

  test.each([frameBytesMax + 1, 0x48545450, 0x80000000, 0xffffffff])(
    "refuses a frame of %d bytes without waiting for it",
    (lengthBytes) => {
      const reader = createFrameReader(() => {});
      expect(() => reader.push(announcing(lengthBytes))).toThrow(FrameError);
    },
  );

  test("waits for a frame of the largest size", () => {
    const reader = createFrameReader(() => {});
    expect(() => reader.push(announcing(frameBytesMax))).not.toThrow();
  });
});
