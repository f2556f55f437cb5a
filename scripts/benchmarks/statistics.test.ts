// Medians, and how figures are written.

import { describe, expect, test } from "bun:test";
import { figure, percentile, ratioText, spreadOf, spreadText } from "./statistics.ts";

describe("a spread", () => {
  test("has the middle sample as its median", () => {
    expect(spreadOf([5, 1, 3])).toEqual({ median: 3, min: 1, max: 5, samples: 3 });
  });

  test("has the mean of the middle two as its median when their number is even", () => {
    expect(spreadOf([4, 1, 2, 100])?.median).toBe(3);
  });

  test("does not exist without samples", () => {
    expect(spreadOf([])).toBeUndefined();
    expect(spreadText(undefined)).toBe("-");
  });

  test("is written with its bounds only when there is more than one sample", () => {
    expect(spreadText(spreadOf([0.25]))).toBe("0.250");
    expect(spreadText(spreadOf([1, 2, 30]))).toBe("2.00 [1.00 - 30.0]");
  });

  test("is compared by medians", () => {
    expect(ratioText(spreadOf([30, 10, 20]), spreadOf([10]))).toBe("2.00x");
    expect(ratioText(spreadOf([1]), undefined)).toBe("-");
  });
});

describe("a percentile", () => {
  const hundred = Array.from({ length: 100 }, (_, index) => index + 1);
  test.each([
    [99, 99],
    [100, 100],
    [1, 1],
    [50, 50.5],
  ])("of 1 to 100 at %p is %p", (percent, value) => {
    expect(percentile(hundred, percent)).toBe(value);
  });
});

describe("a figure", () => {
  test.each([
    [448_123, "448,000"],
    [52.93, "52.9"],
    [4.1, "4.10"],
    [0.27312, "0.273"],
    [0, "0"],
  ])("%p is written as %p", (value, text) => {
    expect(figure(value)).toBe(text);
  });
});
