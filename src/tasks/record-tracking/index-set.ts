// A set of whole numbers from 0 on as bits, in pages that exist only while they are neither empty
// nor full: what ascends in a narrow window costs a few kilobytes, however far it goes.

/** Bits of a page: 8 KiB. */
const PAGE_BITS = 65_536;
const PAGE_BYTES = PAGE_BITS / 8;

export interface IndexSet {
  /** False: it was there already. */
  add(index: number): boolean;
  has(index: number): boolean;
  readonly size: number;
  /** The bytes of the pages that exist. */
  readonly sizeBytes: number;
  /** The first numbers of [0, end) that are in this set and not in the other, at most `count`. */
  firstWithout(other: IndexSet, end: number, count: number): number[];
  /** True when all of this page's numbers are in the set. */
  isPageFull(page: number): boolean;
  isPageEmpty(page: number): boolean;
}

interface Page {
  readonly bytes: Uint8Array;
  count: number;
}

export function createIndexSet(): IndexSet {
  const open = new Map<number, Page>();
  const full = createRuns();
  let size = 0;

  const set: IndexSet = {
    add(index) {
      const number = Math.floor(index / PAGE_BITS);
      let page = open.get(number);
      if (page === undefined) {
        if (full.has(number)) return false;
        page = { bytes: new Uint8Array(PAGE_BYTES), count: 0 };
        open.set(number, page);
      }
      const bit = index % PAGE_BITS;
      const mask = 1 << (bit & 7);
      if ((page.bytes[bit >> 3]! & mask) !== 0) return false;
      page.bytes[bit >> 3]! |= mask;
      page.count += 1;
      size += 1;
      if (page.count === PAGE_BITS) {
        open.delete(number);
        full.add(number);
      }
      return true;
    },
    has(index) {
      const number = Math.floor(index / PAGE_BITS);
      const page = open.get(number);
      if (page === undefined) return full.has(number);
      const bit = index % PAGE_BITS;
      return (page.bytes[bit >> 3]! & (1 << (bit & 7))) !== 0;
    },
    get size() {
      return size;
    },
    get sizeBytes() {
      return open.size * PAGE_BYTES;
    },
    firstWithout(other, end, count) {
      const found: number[] = [];
      for (let page = 0; page * PAGE_BITS < end && found.length < count; page++) {
        if (set.isPageEmpty(page) || other.isPageFull(page)) continue;
        const until = Math.min(end, (page + 1) * PAGE_BITS);
        for (let index = page * PAGE_BITS; index < until && found.length < count; index++) {
          if (set.has(index) && !other.has(index)) found.push(index);
        }
      }
      return found;
    },
    isPageFull: (page) => full.has(page),
    isPageEmpty: (page) => !open.has(page) && !full.has(page),
  };
  return set;
}

/** Page numbers, of which nearly all follow each other. */
function createRuns() {
  /** All below are in. */
  let below = 0;
  const others = new Set<number>();
  return {
    add(number: number): void {
      others.add(number);
      while (others.delete(below)) below += 1;
    },
    has: (number: number): boolean => number < below || others.has(number),
  };
}
