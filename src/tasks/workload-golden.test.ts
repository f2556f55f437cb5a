// Which specs of the workloads besides ProduceBench the reference accepts, and what it makes of
// them: its own answers (test/golden/generate/workload-inputs.json), against ours. Where we differ
// on purpose the case is listed here and is a row of docs/differences.md.

import { describe, expect, test } from "bun:test";
import golden from "../../test/golden/workloads.golden.json";
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

/** Lists of nodes, which are ours, and a missing topic, which the check names with the rest. */
const acceptedOnPurpose = [
  /^(?:(?:share )?(?:consume|round trip)|sustained|configurable) (?:node list|two nodes)$/,
  /^configurable (?:defaults|topic null)$/,
];

/** What the reference takes and cannot run. */
const refusedOnPurpose = [/^(?:share )?consume null topic$/];

const accepted = cases.filter((each) => each.normalized !== undefined);
const refused = cases.filter((each) => each.error !== undefined);

describe("a workload's spec, next to the reference", () => {
  test.each(accepted.map((each) => [each.name, each] as const))("reads %s", (name, each) => {
    if (refusedOnPurpose.some((pattern) => pattern.test(name))) {
      expect(() => parseTaskSpec(each.input)).toThrow();
      return;
    }
    const { taskType, spec } = parseTaskSpec(each.input);
    expect(canonicalTaskSpec(taskType, spec)).toBe(each.normalized!);
    expect(prettyTaskSpec(taskType, spec)).toBe(each.pretty!);
  });

  test.each(refused.map((each) => [each.name, each] as const))("refuses %s", (name, each) => {
    if (acceptedOnPurpose.some((pattern) => pattern.test(name))) {
      parseTaskSpec(each.input);
      return;
    }
    expect(() => parseTaskSpec(each.input)).toThrow(TrogdorError);
  });

  test("covers both sides", () => {
    expect(accepted.length).toBeGreaterThan(80);
    expect(refused.length).toBeGreaterThan(40);
  });
});
