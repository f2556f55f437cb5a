// The stream of java.util.Random: 48 bits of state, kept as the upper 32 bits (which are the
// answer) and the lower 16. With the multiplier split the same way, all products are 32-bit
// multiplications:
//
//     upper' = upper * 0xDEECE66D + lower * 0x5DEEC + carry      (mod 2^32)
//     lower' = lower * 0xE66D + 0xB                              (mod 2^16, the rest is the carry)
//
// No bigint and no double on the way to a byte.

/** The lower 32 bits of the multiplier 0x5DEECE66D, which are all that the upper half needs. */
const MULTIPLIER = 0xdeece66d | 0;
const MULTIPLIER_LOWER = 0xe66d;
const MULTIPLIER_UPPER = 0x5deec;
const ADDEND = 0xb;
/** Java scrambles a seed with the multiplier, of which these are the 24-bit halves. */
const SCRAMBLE_LOW = 0xece66d;
const SCRAMBLE_HIGH = 0x5de;
const HALF = 0x100_0000;

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
  let upper = 0;
  let lower = 0;

  /** The next 32 bits, signed. */
  function next32(): number {
    const product = (Math.imul(lower, MULTIPLIER_LOWER) + ADDEND) | 0;
    const sum = (Math.imul(upper, MULTIPLIER) + Math.imul(lower, MULTIPLIER_UPPER)) | 0;
    upper = (sum + (product >>> 16)) | 0;
    lower = product & 0xffff;
    return upper;
  }

  function nextDouble(): number {
    const high = next32() >>> 6;
    return (high * 0x800_0000 + (next32() >>> 5)) / 0x20_0000_0000_0000;
  }

  return {
    reseed(position) {
      const sumLow = seed.low + (position % HALF);
      const carry = sumLow >= HALF ? 1 : 0;
      const sumHigh = seed.high + (Math.floor(position / HALF) % HALF) + carry;
      const low = (sumLow % HALF) ^ SCRAMBLE_LOW;
      const high = (sumHigh % HALF) ^ SCRAMBLE_HIGH;
      upper = (high << 8) | (low >>> 16);
      lower = low & 0xffff;
    },
    nextBytes(target, offset, count) {
      const whole = offset + count - (count % 4);
      // The loop of next32, with the state in local variables.
      let high = upper;
      let low = lower;
      for (let at = offset; at < whole; at += 4) {
        const product = (Math.imul(low, MULTIPLIER_LOWER) + ADDEND) | 0;
        high = (Math.imul(high, MULTIPLIER) + Math.imul(low, MULTIPLIER_UPPER)) | 0;
        high = (high + (product >>> 16)) | 0;
        low = product & 0xffff;
        target[at] = high;
        target[at + 1] = high >> 8;
        target[at + 2] = high >> 16;
        target[at + 3] = high >> 24;
      }
      upper = high;
      lower = low;
      const end = offset + count;
      if (whole === end) return;
      let bits = next32();
      for (let at = whole; at < end; at++, bits >>= 8) target[at] = bits;
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
