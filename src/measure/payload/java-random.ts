// The stream of java.util.Random: 48 bits of state, kept as two halves of 24 bits so that every
// product fits a double exactly (24 x 24 bits). No bigint after the construction.

const HALF = 0x100_0000;
const MULTIPLIER_LOW = 0xece66d;
const MULTIPLIER_HIGH = 0x5de;

/** A seed of 64 bits to which positions are added, reduced to the 48 bits that Java keeps. */
export interface RandomSeed {
  readonly low: number;
  readonly high: number;
}

export function randomSeed(seed: bigint): RandomSeed {
  const bits = BigInt.asUintN(48, seed);
  return { low: Number(bits & 0xffffffn), high: Number(bits >> 24n) };
}

export interface JavaRandom {
  /** Starts the stream of the seed `seed + position`. */
  reseed(position: number): void;
  /** The next `count` bytes of the stream, as nextBytes gives them. */
  nextBytes(target: Uint8Array, offset: number, count: number): void;
  /** 0 to bound - 1. */
  nextInt(bound: number): number;
  /** The first of a pair of gaussians; the second is never used because every call reseeds. */
  nextGaussian(): number;
}

export function javaRandom(seed: RandomSeed): JavaRandom {
  let low = 0;
  let high = 0;

  /** The next 32 bits, signed. */
  function next32(): number {
    const product = low * MULTIPLIER_LOW + 0xb;
    const carry = Math.floor(product / HALF);
    const upper = high * MULTIPLIER_LOW + low * MULTIPLIER_HIGH + carry;
    low = product - carry * HALF;
    high = upper - Math.floor(upper / HALF) * HALF;
    return (high << 8) | (low >>> 16);
  }

  function nextDouble(): number {
    const upper = next32() >>> 6;
    return (upper * 0x800_0000 + (next32() >>> 5)) / 0x20_0000_0000_0000;
  }

  return {
    reseed(position) {
      const sumLow = seed.low + (position % HALF);
      const carry = sumLow >= HALF ? 1 : 0;
      const sumHigh = seed.high + (Math.floor(position / HALF) % HALF) + carry;
      low = ((sumLow % HALF) ^ MULTIPLIER_LOW) >>> 0;
      high = ((sumHigh % HALF) ^ MULTIPLIER_HIGH) >>> 0;
    },
    nextBytes(target, offset, count) {
      const end = offset + count;
      let at = offset;
      for (; at + 4 <= end; at += 4) {
        const bits = next32();
        target[at] = bits;
        target[at + 1] = bits >> 8;
        target[at + 2] = bits >> 16;
        target[at + 3] = bits >> 24;
      }
      if (at === end) return;
      let bits = next32();
      for (; at < end; at++, bits >>= 8) target[at] = bits;
    },
    nextInt(bound) {
      let bits = next32() >>> 1;
      if ((bound & (bound - 1)) === 0) return Math.floor((bound * bits) / 0x8000_0000);
      let value = bits % bound;
      while (((bits - value + (bound - 1)) | 0) < 0) {
        bits = next32() >>> 1;
        value = bits % bound;
      }
      return value;
    },
    nextGaussian() {
      for (;;) {
        const a = 2 * nextDouble() - 1;
        const b = 2 * nextDouble() - 1;
        const square = a * a + b * b;
        if (square < 1 && square !== 0) return a * Math.sqrt((-2 * Math.log(square)) / square);
      }
    },
  };
}
