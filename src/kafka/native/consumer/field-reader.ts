// Reads fields of a flexible Kafka message out of a piece of it. What goes beyond the piece is
// `incomplete`: the caller comes back with more. What no more bytes could mend is a FrameError.

import { FrameError } from "../frame-reader.ts";

/** Thrown when the piece ends in mid-field; one object, for it is no failure. */
export const incomplete = Symbol("incomplete");

export interface FieldReader {
  bytes: Uint8Array;
  at: number;
  end: number;
  /** Bytes of the whole message that come after `end`. */
  bytesBehind: number;
  /** Steps over so many bytes and answers where they begin. */
  take(count: number): number;
  varint(): number;
  /** The count of an array whose elements take at least `bytesMin` each; null counts as empty. */
  count(bytesMin: number): number;
  skipTags(): void;
}

export function createFieldReader(): FieldReader {
  const reader: FieldReader = {
    bytes: new Uint8Array(0),
    at: 0,
    end: 0,
    bytesBehind: 0,
    take(count) {
      const start = reader.at;
      const left = reader.end - start;
      if (count > left) {
        if (count > left + reader.bytesBehind) throw malformed("announces more than it holds");
        throw incomplete;
      }
      reader.at = start + count;
      return start;
    },
    varint() {
      let value = 0;
      for (let shift = 0; shift < 35; shift += 7) {
        const byte = reader.bytes[reader.take(1)]!;
        value += (byte & 0x7f) * 2 ** shift;
        if (byte < 0x80) return value;
      }
      throw malformed("has a number of more than 5 bytes");
    },
    count(bytesMin) {
      const count = Math.max(0, reader.varint() - 1);
      const bytesLeft = reader.end - reader.at + reader.bytesBehind;
      if (count * bytesMin > bytesLeft) throw malformed("announces more than it holds");
      return count;
    },
    skipTags() {
      for (let left = reader.varint(); left > 0; left--) {
        reader.varint();
        reader.take(reader.varint());
      }
    },
  };
  return reader;
}

export function malformed(what: string): FrameError {
  return new FrameError(`the answer to a Fetch request ${what}`);
}
