// CRC-32C (Castagnoli) by the processor's own instruction.

import { batchCode } from "./batch-code/batch-code.ts";

export function crc32c(bytes: Uint8Array): number {
  return batchCode().crc32c(bytes);
}

/** The CRC of bytes in front, whose CRC is `before`, and `bytes` together. */
export function crc32cBehind(before: number, bytes: Uint8Array): number {
  return batchCode().crc32c(bytes, before >>> 0);
}
