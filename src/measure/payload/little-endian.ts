// 64-bit integers in little-endian order, from two unsigned 32-bit halves: no bigint on the hot
// path.

const TWO_32 = 0x1_0000_0000;

/** Writes a time in epoch milliseconds (or any integer from 0 to 2^53) as 8 bytes. */
export function writeInt64(value: number, target: Uint8Array, offset: number): void {
  writeUint32(value >>> 0, target, offset);
  writeUint32(Math.floor(value / TWO_32), target, offset + 4);
}

export function writeUint32(value: number, target: Uint8Array, offset: number): void {
  target[offset] = value;
  target[offset + 1] = value >>> 8;
  target[offset + 2] = value >>> 16;
  target[offset + 3] = value >>> 24;
}
