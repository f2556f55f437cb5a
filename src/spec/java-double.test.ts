// Doubles as Java prints them.

import { describe, expect, test } from "bun:test";
import { javaDoubleText } from "./java-double.ts";

describe("javaDoubleText", () => {
  test.each([
    [100, "100.0"],
    [0, "0.0"],
    [-0, "-0.0"],
    [2.5, "2.5"],
    [9999999.5, "9999999.5"],
    [10000000, "1.0E7"],
    [1e10, "1.0E10"],
    [1.5e300, "1.5E300"],
    [0.001, "0.001"],
    [0.0001, "1.0E-4"],
    [-0.000123, "-1.23E-4"],
    [Number.NaN, "NaN"],
    [Number.POSITIVE_INFINITY, "Infinity"],
    [Number.NEGATIVE_INFINITY, "-Infinity"],
  ])("prints %p as %p", (value, text) => {
    expect(javaDoubleText(value)).toBe(text);
  });
});
