// Which specs the reference accepts, and what it makes of them: its own answers to several hundred
// texts (test/golden/generate), against ours. Where we differ on purpose the case is listed here
// and is a row of docs/differences.md.

import { describe, expect, test } from "bun:test";
import golden from "../../test/golden/specs.golden.json";
import { TrogdorError } from "../core/trogdor-error.ts";
import { canonicalTaskSpec, parseTaskSpec, prettyTaskSpec } from "./parse-task-spec.ts";

interface Case {
  readonly name: string;
  readonly input: string;
  readonly normalized?: string;
  readonly pretty?: string;
  readonly error?: string;
}

const cases: readonly Case[] = golden;

/** Java's own notations for a floating-point number inside a text. */
const refusedOnPurpose = ["generator double text hex", "generator double text suffix"];

/** Lists of nodes, which are ours. */
const acceptedOnPurpose = ["producerNode array"];

describe("parseTaskSpec, next to the reference", () => {
  const accepted = cases.filter((each) => each.normalized !== undefined);
  const refused = cases.filter((each) => each.error !== undefined);

  test.each(accepted.map((each) => [each.name, each] as const))("reads %s", (name, each) => {
    if (refusedOnPurpose.includes(name)) {
      expect(() => parseTaskSpec(each.input)).toThrow("expected a number");
      return;
    }
    const { taskType, spec } = parseTaskSpec(each.input);
    expect(canonicalTaskSpec(taskType, spec)).toBe(each.normalized!);
    expect(prettyTaskSpec(taskType, spec)).toBe(each.pretty!);
  });

  test.each(refused.map((each) => [each.name, each] as const))("refuses %s", (name, each) => {
    if (acceptedOnPurpose.includes(name)) {
      expect(parseTaskSpec(each.input).spec).toMatchObject({ producerNode: "a" });
      return;
    }
    let error: unknown;
    try {
      parseTaskSpec(each.input);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(TrogdorError);
    const { code, problems } = error as TrogdorError;
    expect(code).toBe("spec");
    expect(problems.length).toBeGreaterThan(0);
  });

  test("covers both sides", () => {
    expect(accepted.length).toBeGreaterThan(150);
    expect(refused.length).toBeGreaterThan(100);
  });

  test("begins with the reference's sentence where it has a readable one", () => {
    const sentences = [
      "Invalid value 11 for padding: the number of padding bytes must not be smaller than 0",
      "The size of the payload must be greater than or equal to 8.",
      "Components must be a specified, non-empty list of RandomComponents.",
      "Percent value must be greater than zero.",
      "Cannot have less than one message per transaction.",
      "Cannot have a negative interval",
    ];
    for (const sentence of sentences) {
      const inputs = refused.filter((each) => each.error?.includes(sentence));
      expect(inputs.length).toBeGreaterThan(0);
      for (const { input } of inputs) expect(() => parseTaskSpec(input)).toThrow(sentence);
    }
  });
});
