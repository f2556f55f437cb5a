// A ceiling on a rate: exact while there is always something to take, and forgiving for a second.

import { describe, expect, test } from "bun:test";
import { createAllowance } from "./allowance.ts";

/** Takes all it may, each time it may, for so long; answers the times. */
function takeAll(ratePerSec: number, untilUs: number): number[] {
  const allowance = createAllowance(ratePerSec);
  const times: number[] = [];
  for (let nowUs = 0; nowUs < untilUs; nowUs = Math.ceil(allowance.nextUs())) {
    const count = allowance.available(nowUs);
    for (let index = 0; index < count; index++) times.push(nowUs);
    allowance.take(count);
  }
  return times;
}

describe("an allowance", () => {
  test.each([1, 19, 333, 10_000])("of %d a second is exactly that", (ratePerSec) => {
    const times = takeAll(ratePerSec, 10_000_000);
    expect(times.length).toBe(ratePerSec * 10);
    for (const [index, timeUs] of times.entries()) {
      expect(timeUs - (index * 1e6) / ratePerSec).toBeWithin(-1e-6, 1);
    }
  });

  test("lets the first one pass whenever it is asked for", () => {
    expect(createAllowance(10).available(123_456)).toBe(1);
  });

  test("catches up a second, and no more", () => {
    const allowance = createAllowance(100);
    allowance.available(0);
    allowance.take(1);
    expect(allowance.available(500_000)).toBe(50);
    expect(allowance.available(60_000_000)).toBe(101);
  });

  test("lets one in ten seconds pass where the rate is that low", () => {
    const allowance = createAllowance(0.1);
    allowance.available(0);
    allowance.take(1);
    expect(allowance.available(9_999_999)).toBe(0);
    expect(allowance.available(10_000_000)).toBe(1);
    expect(allowance.available(1e9)).toBeLessThanOrEqual(2);
  });

  test("wants a rate above 0", () => {
    expect(() => createAllowance(0)).toThrow("the rate must be positive, not 0");
  });
});
