// What counts as a slip of the fingers, and what does not.

import { describe, expect, test } from "bun:test";
import { didYouMean, nearestNames } from "./nearest-names.ts";

const commands = ["exec", "validate", "schema", "completion", "help"];

describe("nearestNames", () => {
  test.each([
    ["exce", ["exec"]],
    ["exe", ["exec"]],
    ["EXEC", ["exec"]],
    ["valdiate", ["validate"]],
    ["comp", ["completion"]],
    ["zzzz", []],
    ["", []],
  ])("for %p finds %p", (typed, found) => {
    expect(nearestNames(typed, commands)).toEqual(found);
  });

  test("puts the name with the fewest edits first and keeps to the limit", () => {
    expect(nearestNames("abcdef", ["abcdxy", "abcdefg", "abcdez", "abcdeg"], 2)).toEqual([
      "abcdefg",
      "abcdeg",
    ]);
  });

  test("does not choke on a very long input", () => {
    expect(nearestNames("x".repeat(1_000_000), commands)).toEqual([]);
  });
});

describe("didYouMean", () => {
  test("joins the names in a sentence", () => {
    expect(didYouMean("ab", ["abc", "abd"])).toBe('; did you mean "abc" or "abd"?');
  });

  test("is empty when nothing is near", () => {
    expect(didYouMean("zzzz", commands)).toBe("");
  });
});
