// Reads the headers of one record, for sinks that ask for them.
//
//   count | [keyLength | key | valueLength (-1: null) | value]     (numbers are zigzag varints)

import type { RecordHeader } from "../../client.ts";

const decoder = new TextDecoder();

/** What does not fit into the record is left out. */
export function readHeaders(bytes: Uint8Array, start: number, end: number): RecordHeader[] {
  let at = start;
  const varint = () => {
    let value = 0;
    for (let shift = 0; shift < 35 && at < end; shift += 7) {
      const byte = bytes[at++]!;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    return (value >>> 1) ^ -(value & 1);
  };
  const headers: RecordHeader[] = [];
  for (let left = varint(); left > 0 && at < end; left--) {
    const keyBytes = varint();
    if (keyBytes < 0 || keyBytes > end - at) break;
    const key = decoder.decode(bytes.subarray(at, at + keyBytes));
    at += keyBytes;
    const valueBytes = varint();
    if (valueBytes > end - at) break;
    headers.push({
      key,
      value: valueBytes < 0 ? null : new Uint8Array(bytes.subarray(at, at + valueBytes)),
    });
    at += Math.max(0, valueBytes);
  }
  return headers;
}
