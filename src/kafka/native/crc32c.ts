// CRC-32C (Castagnoli) by the processor's own instruction through @node-rs/crc32.

import { crc32c as nativeCrc32c } from "@node-rs/crc32";

export function crc32c(bytes: Uint8Array): number {
  return nativeCrc32c(bytes);
}

/** The CRC of bytes in front, whose CRC is `before`, and `bytes` together. */
export function crc32cBehind(before: number, bytes: Uint8Array): number {
  return nativeCrc32c(bytes, before >>> 0);
}
