// A set of indexes as bits: what is in, what is missing, and how little memory it takes.

import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { createIndexSet } from "./index-set.ts";

function setOf(...indexes: number[]) {
  const set = createIndexSet();
  for (const index of indexes) set.add(index);
  return set;
}

describe("an index set", () => {
  test("is a set", () => {
    const indexes = fc.array(fc.nat({ max: 400_000 }), { maxLength: 300 });
    fc.assert(
      fc.property(indexes, indexes, (added, asked) => {
        const set = createIndexSet();
        const expected = new Set<number>();
        for (const index of added) {
          expect(set.add(index)).toBe(!expected.has(index));
          expected.add(index);
        }
        expect(set.size).toBe(expected.size);
        for (const index of [...added, ...asked]) expect(set.has(index)).toBe(expected.has(index));
      }),
      { numRuns: 50 },
    );
  });

  test("names the first that another one lacks", () => {
    const all = setOf(0, 1, 5, 70_000, 70_001, 200_000);
    expect(all.firstWithout(setOf(1, 70_001), 1_000_000, 10)).toEqual([0, 5, 70_000, 200_000]);
    expect(all.firstWithout(setOf(1, 70_001), 1_000_000, 2)).toEqual([0, 5]);
    expect(all.firstWithout(setOf(1), 70_000, 10)).toEqual([0, 5]);
    expect(all.firstWithout(all, 1_000_000, 10)).toEqual([]);
  });

  test("takes a page or two for a million that ascend", () => {
    const set = createIndexSet();
    let most = 0;
    for (let index = 0; index < 1_000_000; index++) {
      set.add(index);
      if (set.sizeBytes > most) most = set.sizeBytes;
    }
    expect(most).toBeLessThanOrEqual(8192);
    expect(set.add(999_999)).toBe(false);
    expect(set.add(10)).toBe(false);
    expect([set.has(3), set.has(1_000_000)]).toEqual([true, false]);
  });
});
