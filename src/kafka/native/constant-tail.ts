// The end of every record of a load with a constant value: the value with its length, and no
// headers. It is the same in each record, so batches keep the heads only, and the tails are written
// into the memory of a request once and stay there for the next request in the same memory.
//
//   | head | tail | head | tail | ...     heads differ: times, offsets, keys
//
// The CRC-32C goes over a tail in one step. A CRC is linear over bits: what a byte of a head adds
// to the state behind the tail does not depend on any other byte, so it stands in a table, and the
// state in front of the head counts as if it were combined with the head's first four bytes
// ("slicing", M. Kounavis and F. Berry, 2005).

import { crc32cBehind } from "./crc32c.ts";
import { varintSize, writeVarint } from "./varint.ts";

export interface ConstantTail {
  readonly bytes: Uint8Array;
  /** See crcTablesOf. */
  readonly crcTables: Int32Array;
  /** The state behind the tail when it was 0 in front of it. */
  readonly crcBehindZero: number;
}

/** Where tails stand in the memory of a request, left there by its former uses or by this one. */
export interface StandingTails {
  /** By the number of the record in the request; valid below `count`. */
  positions: Int32Array;
  count: number;
}

const initialPositions = 64;
/** So much in front of a tail is taken in one step: a head with a short key. */
const slicedBytesMax = 16;

export function createConstantTail(value: Uint8Array): ConstantTail {
  const { byteLength } = value;
  const bytes = new Uint8Array(varintSize(byteLength) + byteLength + 1);
  bytes.set(value, writeVarint(bytes, 0, byteLength));
  return { bytes, ...crcTablesOf(bytes) };
}

export function createStandingTails(): StandingTails {
  return { positions: new Int32Array(initialPositions), count: 0 };
}

/** The CRC-32C of a batch from `start` on, of whose records `heads` holds the heads. */
export function crcOverTails(
  heads: Uint8Array,
  start: number,
  headEnds: Int32Array,
  count: number,
  tail: ConstantTail,
): number {
  const { crcTables, crcBehindZero } = tail;
  let state = -1;
  let at = start;
  for (let index = 0; index < count; index++) {
    const end = headEnds[index]!;
    while (end - at > slicedBytesMax) state = behindByte(state, heads[at++]!);
    let next = crcBehindZero;
    for (let table = (end - at - 1) << 8; table >= 0; table -= 0x100) {
      next ^= crcTables[table | ((state ^ heads[at++]!) & 0xff)]!;
      state >>>= 8;
    }
    state = next;
  }
  return ~state >>> 0;
}

/**
 * Writes a batch of `count` records to `at`: heads are copied, a tail that stands in its place
 * already stays. In `target`, record `first` is the first of them. Answers the position behind it.
 */
export function writeWithTails(
  heads: Uint8Array,
  headEnds: Int32Array,
  count: number,
  tail: ConstantTail,
  target: Uint8Array,
  standing: StandingTails,
  first: number,
  at: number,
): number {
  const { bytes } = tail;
  const tailBytes = bytes.byteLength;
  let headAt = 0;
  let targetAt = at;
  for (let index = 0; index < count; index++) {
    const end = headEnds[index]!;
    while (headAt < end) target[targetAt++] = heads[headAt++]!;
    if (!isStanding(standing, first + index, targetAt)) {
      target.set(bytes, targetAt);
      stand(standing, first + index, targetAt);
    }
    targetAt += tailBytes;
  }
  return targetAt;
}

/**
 * Whether the tail of record `index` stands at `at`. A request is written from its front to its
 * end, so whatever stood from `at` on is still whole.
 */
function isStanding(standing: StandingTails, index: number, at: number): boolean {
  return index < standing.count && standing.positions[index] === at;
}

function stand(standing: StandingTails, index: number, at: number): void {
  const { positions } = standing;
  if (index === positions.length) {
    standing.positions = new Int32Array(index * 2);
    standing.positions.set(positions);
  }
  standing.positions[index] = at;
  if (index === standing.count) standing.count += 1;
}

/**
 * The request has `count` tails and ends at `end`. Of the tails that stood there before, those in
 * front of the end are overwritten in part; those behind it were not touched.
 */
export function endTails(standing: StandingTails, count: number, end: number): void {
  if (count < standing.count && standing.positions[count]! < end) standing.count = count;
}

/**
 * What a byte in front of the tail adds to the state behind it: 256 entries for the byte right in
 * front, then for the one before that, and so on. For the state, the bytes behind that byte might
 * as well be zeros. Each bit is tried once; bytes are sums of bits.
 */
function crcTablesOf(tail: Uint8Array): Pick<ConstantTail, "crcTables" | "crcBehindZero"> {
  const behindTail = zerosMap(tail.byteLength);
  const crcTables = new Int32Array(slicedBytesMax << 8);
  for (let bit = 1; bit < 0x100; bit <<= 1) {
    let state = behindByte(0, bit);
    for (let distance = 0; distance < slicedBytesMax; distance++) {
      crcTables[(distance << 8) | bit] = mapped(behindTail, state);
      state = behindByte(state, 0);
    }
  }
  for (let index = 0; index < crcTables.length; index++) {
    const lowest = index & -index & 0xff;
    if (lowest === 0) continue;
    const rest = (index & 0xff) ^ lowest;
    if (rest !== 0) crcTables[index] = crcTables[index ^ lowest]! ^ crcTables[index ^ rest]!;
  }
  return { crcTables, crcBehindZero: ~crc32cBehind(~0, tail) };
}

/** What becomes of each bit of a state behind `count` zero bytes; by squaring, for long tails. */
function zerosMap(count: number): Int32Array {
  let map = Int32Array.from({ length: 32 }, (_, bit) => 1 << bit);
  let power = map.map((state) => behindByte(state, 0));
  for (let rest = count; rest > 0; rest = Math.floor(rest / 2)) {
    const times = power;
    if (rest % 2 === 1) map = map.map((state) => mapped(times, state));
    power = power.map((state) => mapped(times, state));
  }
  return map;
}

function mapped(map: Int32Array, state: number): number {
  let sum = 0;
  for (let rest = state; rest !== 0; rest &= rest - 1) sum ^= map[31 - Math.clz32(rest & -rest)]!;
  return sum;
}

/** The polynomial of CRC-32C, its bits turned round. */
const polynomial = 0x82f63b78;
let byteTable: Int32Array | undefined;

function behindByte(state: number, byte: number): number {
  byteTable ??= Int32Array.from({ length: 0x100 }, (_, index) => behindBits(index, 8));
  return (state >>> 8) ^ byteTable[(state ^ byte) & 0xff]!;
}

function behindBits(state: number, count: number): number {
  if (count === 0) return state;
  return behindBits((state >>> 1) ^ ((state & 1) === 0 ? 0 : polynomial), count - 1);
}
