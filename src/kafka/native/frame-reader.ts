// Cuts a byte stream into Kafka frames: a 4-byte big-endian length, then that many bytes. A frame
// that lies whole in one chunk is handed on in place, without a copy; only a frame that spans
// chunks is gathered, in one buffer that is reused.

/**
 * Larger frames are refused: a peer that is not Kafka (an HTTP or TLS port) answers such lengths.
 */
export const frameBytesMax = 256 * 1024 * 1024;

/** The peer's bytes are not what Kafka sends. */
export class FrameError extends Error {
  override readonly name = "FrameError";
}

export interface FrameReader {
  /** Calls `onFrame` for every frame that is complete. The frame is valid only during the call. */
  push(chunk: Uint8Array): void;
  /** Of a frame that has begun and is handed on piece by piece. */
  readonly bytesLeft?: number;
}

export function createFrameReader(onFrame: (frame: Uint8Array) => void): FrameReader {
  let pending = new Uint8Array(4096);
  let pendingBytes = 0;

  function frameLength(bytes: Uint8Array, at: number): number {
    const length =
      bytes[at]! * 0x1000000 + ((bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!);
    if (length > frameBytesMax) {
      throw new FrameError(
        `the answer does not look like Kafka (a frame of ${length} bytes was announced)`,
      );
    }
    return length;
  }

  function keep(bytes: Uint8Array): void {
    const needed = pendingBytes + bytes.byteLength;
    if (needed > pending.byteLength) {
      const larger = new Uint8Array(Math.max(needed, pending.byteLength * 2));
      larger.set(pending.subarray(0, pendingBytes));
      pending = larger;
    }
    pending.set(bytes, pendingBytes);
    pendingBytes = needed;
  }

  /** Hands on the frames of `bytes` from its start; answers how many bytes they took. */
  function consume(bytes: Uint8Array): number {
    let at = 0;
    while (bytes.byteLength - at >= 4) {
      const end = at + 4 + frameLength(bytes, at);
      if (end > bytes.byteLength) break;
      onFrame(bytes.subarray(at + 4, end));
      at = end;
    }
    return at;
  }

  return {
    push(chunk) {
      if (pendingBytes === 0) {
        const taken = consume(chunk);
        if (taken < chunk.byteLength) keep(chunk.subarray(taken));
        return;
      }
      keep(chunk);
      const gathered = pending.subarray(0, pendingBytes);
      const taken = consume(gathered);
      if (taken === 0) return;
      pending.copyWithin(0, taken, pendingBytes);
      pendingBytes -= taken;
    },
  };
}
