// Ranges expand as the reference expands them; the golden cases are its own answers.

import { describe, expect, test } from "bun:test";
import golden from "../../test/golden/ranges.golden.json";
import { errorText } from "../core/trogdor-error.ts";
import { expandRange, expandRanges, RANGE_NAMES_MAX } from "./topic-range.ts";

interface Case {
  readonly input: string;
  readonly names?: readonly string[];
  readonly error?: string;
}

describe("expandRange", () => {
  test.each((golden as Case[]).map((each) => [each.input, each] as const))("%p", (_, each) => {
    const { input, names, error } = each;
    if (error !== undefined) expect(() => expandRange(input)).toThrow(error);
    else expect(expandRange(input).sort()).toEqual([...(names ?? [])]);
  });

  test("keeps the numeric order", () => {
    expect(expandRange("foo[9-11]")).toEqual(["foo9", "foo10", "foo11"]);
  });

  test("is bounded", () => {
    expect(expandRange(`t[1-${RANGE_NAMES_MAX}]`)).toHaveLength(RANGE_NAMES_MAX);
    expect(() => expandRange(`t[0-${RANGE_NAMES_MAX}]`)).toThrow("stands for 100001 names");
    expect(() => expandRange("t[2147483646-2147483647]")).not.toThrow();
  });
});

describe("expandRanges", () => {
  test.each([
    [["foo[1-2]:[0-1]"], ["foo1:0", "foo2:0", "foo1:1", "foo2:1"]],
    [["foo[0-1]:[2-2]"], ["foo[0-1]:2"]],
    [["foo[2-2]:[0-1]"], ["foo2:0", "foo2:1"]],
    [
      ["a", "a", "b"],
      ["a", "b"],
    ],
    [[], []],
  ])("%p gives %p", (names, expanded) => {
    expect(expandRanges(names)).toEqual(expanded);
  });

  test("is bounded over all steps", () => {
    let message = "";
    try {
      expandRanges(["t[1-1000]x[1-1000]"]);
    } catch (error) {
      message = errorText(error);
    }
    expect(message).toContain("stands for more than 100000 names");
  });
});
