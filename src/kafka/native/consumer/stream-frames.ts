// Cuts a connection's bytes into frames as frame-reader.ts does, except that the answers somebody
// waits for as a stream are handed on piece by piece while they arrive; when such an answer is
// complete, a frame with nothing but its correlation id stands for it.

import { FrameError, type FrameReader, frameBytesMax } from "../frame-reader.ts";
import { int32At } from "./bytes.ts";

export interface AnswerStream {
  begin(sizeBytes: number): void;
  push(bytes: Uint8Array, start: number, end: number): void;
}

/** `streamOf`: who wants the answer with this correlation id piece by piece. */
export function createStreamFrames(
  onFrame: (frame: Uint8Array) => void,
  streamOf: (correlationId: number) => AnswerStream | undefined,
): FrameReader {
  /** Length and correlation id. */
  const head = new Uint8Array(8);
  let headBytes = 0;
  let stream: AnswerStream | undefined;
  let frame: Uint8Array | undefined;
  let frameBytes = 0;
  let left = 0;

  function begin(): void {
    const size = int32At(head, 0) >>> 0;
    if (size > frameBytesMax || size < 4) {
      throw new FrameError(
        `the answer does not look like Kafka (a frame of ${size} bytes was announced)`,
      );
    }
    left = size - 4;
    stream = streamOf(int32At(head, 4));
    if (stream !== undefined) {
      stream.begin(left);
      return;
    }
    frame = new Uint8Array(size);
    frame.set(head.subarray(4));
    frameBytes = 4;
  }

  function end(): void {
    const whole = frame ?? head.slice(4);
    headBytes = 0;
    frame = undefined;
    stream = undefined;
    onFrame(whole);
  }

  return {
    get bytesLeft() {
      return stream === undefined ? 0 : left;
    },
    push(chunk) {
      for (let at = 0; at < chunk.length; ) {
        if (headBytes < head.length) {
          head[headBytes++] = chunk[at++]!;
          if (headBytes < head.length) continue;
          begin();
        } else {
          const pieceEnd = at + Math.min(left, chunk.length - at);
          left -= pieceEnd - at;
          if (stream !== undefined) stream.push(chunk, at, pieceEnd);
          else {
            frame!.set(chunk.subarray(at, pieceEnd), frameBytes);
            frameBytes += pieceEnd - at;
          }
          at = pieceEnd;
        }
        if (left === 0) end();
      }
    },
  };
}
