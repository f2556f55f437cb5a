// Big-endian numbers out of a byte array, for the walk over fetched bytes: no view has to be made
// for each answer. Reading behind the end gives zeros, so callers check their bounds.

export function int16At(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16)) >> 16;
}

export function int32At(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
}

/** Exact up to 2^53, which no offset and no time comes near. */
export function int64At(bytes: Uint8Array, at: number): number {
  return int32At(bytes, at) * 0x1_0000_0000 + (int32At(bytes, at + 4) >>> 0);
}

export function writeInt32(target: Uint8Array, at: number, value: number): void {
  target[at] = value >>> 24;
  target[at + 1] = value >>> 16;
  target[at + 2] = value >>> 8;
  target[at + 3] = value;
}

export function writeInt64(target: Uint8Array, at: number, value: number): void {
  writeInt32(target, at, Math.floor(value / 0x1_0000_0000));
  writeInt32(target, at + 4, value % 0x1_0000_0000);
}
