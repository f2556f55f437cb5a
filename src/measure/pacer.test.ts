// The schedule: exact rates, no drift, a backlog that is due at once.

import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { createPacer, intendedRatePerSec } from "./pacer.ts";

const rates = fc.oneof(fc.integer({ min: 1, max: 2_147_483_647 }), fc.integer({ min: 1, max: 50 }));
const starts = fc.double({ min: 0, max: 1e12, noNaN: true });

describe("intendedRatePerSec", () => {
  test.each([
    [19, 19],
    [333, 333],
    [1, 1],
    [0, 10],
    [-5, 10],
  ])("a target of %d asks for %d a second", (target, expected) => {
    expect(intendedRatePerSec(target)).toBe(expected);
  });
});

describe("pacer", () => {
  test("the first message is due at the start, none before", () => {
    const pacer = createPacer(1000, 10);
    expect([pacer.due(999), pacer.due(1000), pacer.due(1001)]).toEqual([0, 1, 1]);
  });

  test("19 a second are 19 in each second, evenly spread", () => {
    const pacer = createPacer(0, 19);
    expect(pacer.due(1e6 - 1)).toBe(19);
    expect(pacer.due(60e6 - 1)).toBe(19 * 60);
    expect(pacer.intendedUs(7) - pacer.intendedUs(6)).toBeCloseTo(1e6 / 19, 6);
  });

  test("a stall makes the whole backlog due at once", () => {
    const pacer = createPacer(0, 500);
    expect(pacer.due(4e6) - pacer.due(0)).toBe(2000);
  });

  test("a message is due exactly from its intended time on", () => {
    fc.assert(
      fc.property(starts, rates, fc.integer({ min: 0, max: 1e9 }), (startUs, rate, index) => {
        const pacer = createPacer(startUs, rate);
        const intendedUs = pacer.intendedUs(index);
        expect(pacer.due(intendedUs)).toBeGreaterThan(index);
        const due = pacer.due(intendedUs);
        // At rates where neighbours share one floating-point instant, more than one may be due.
        expect(pacer.intendedUs(due - 1)).toBeLessThanOrEqual(intendedUs);
      }),
    );
  });

  test("what is due never shrinks while time passes", () => {
    fc.assert(
      fc.property(rates, starts, starts, (rate, a, b) => {
        const pacer = createPacer(0, rate);
        expect(pacer.due(Math.min(a, b))).toBeLessThanOrEqual(pacer.due(Math.max(a, b)));
      }),
    );
  });
});
