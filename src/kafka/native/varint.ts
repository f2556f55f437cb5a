// Variable-length integers of the Kafka protocol: unsigned LEB128, and zigzag for signed ones
// (https://kafka.apache.org/protocol.html#protocol_types). Values fit 32 bits here.

/** Bytes that `value` (0 .. 2^32-1) takes. */
export function unsignedVarintSize(value: number): number {
  const bits = 32 - Math.clz32(value | 1);
  return ((bits + 6) / 7) | 0;
}

/** Writes an unsigned varint and answers the position behind it. */
export function writeUnsignedVarint(target: Uint8Array, at: number, value: number): number {
  let rest = value >>> 0;
  let position = at;
  while (rest > 0x7f) {
    target[position++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  target[position++] = rest;
  return position;
}

/** The zigzag form of a signed 32-bit number: small magnitudes become small unsigned numbers. */
export function zigzag(value: number): number {
  return ((value << 1) ^ (value >> 31)) >>> 0;
}

export function varintSize(value: number): number {
  if (value >= -64 && value < 64) return 1;
  return unsignedVarintSize(zigzag(value));
}

export function writeVarint(target: Uint8Array, at: number, value: number): number {
  if (value >= 0 && value < 64) {
    target[at] = value << 1;
    return at + 1;
  }
  return writeUnsignedVarint(target, at, zigzag(value));
}
