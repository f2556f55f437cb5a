// Random numbers that follow from a seed alone (sfc32). Each part of the simulation forks its own,
// so that one more draw in one part leaves the others as they were.

export interface SeededRandom {
  /** From 0 up to 1. */
  next(): number;
  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number;
  chance(probability: number): boolean;
  pick<T>(items: readonly T[]): T;
  fork(name: string): SeededRandom;
}

export function seededRandom(seed: number | bigint, name = ""): SeededRandom {
  const mixed = BigInt(Bun.hash(`${seed} ${name}`));
  let a = Number(mixed & 0xffff_ffffn) | 0;
  let b = Number((mixed >> 32n) & 0xffff_ffffn) | 0;
  let c = 0x9e37_79b9 | 0;
  let counter = 1;

  function next(): number {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 4_294_967_296;
  }

  for (let turn = 0; turn < 12; turn += 1) next();
  const between = (low: number, high: number) => low + Math.floor(next() * (high - low + 1));
  return {
    next,
    between,
    chance: (probability) => next() < probability,
    pick: (items) => items[between(0, items.length - 1)]!,
    fork: (part) => seededRandom(seed, `${name}/${part}`),
  };
}
