// KiboshFault on a mount of the real file system.

import { describe, expect, test } from "bun:test";
import { describeFault } from "../../describe-fault.suite.ts";
import { checkTaskSpec, parseTaskSpec } from "../../parse-task-spec.ts";
import { makeScene } from "./scene.suite.ts";
import { faultTexts, type KiboshSpec } from "./spec.ts";

describeFault("KiboshFault", makeScene);

function parse(faults: unknown, more: object = {}) {
  const place = { nodeNames: ["a"], mountPath: "/mnt/kibosh", durationMs: 1, ...more };
  return parseTaskSpec(JSON.stringify({ class: "trogdor.KiboshFaultSpec", ...place, faults }));
}

async function problemsOf(faults: unknown) {
  const { taskType, spec } = parse(faults);
  return await checkTaskSpec(taskType, spec);
}

describe("KiboshFault", () => {
  test("writes a fraction as Confluent's Kibosh wants it", () => {
    const { spec } = parse([{ type: "read_delay", delay_ms: 1, fraction: 1 }]);
    expect(faultTexts(spec as unknown as KiboshSpec)).toEqual([
      '{"type":"read_delay","delay_ms":1,"fraction":1.0}',
    ]);
  });

  test("names the problems of a fault by their place", async () => {
    const problems = await problemsOf([
      { type: "error", ops: ["read"], code: "EIO" },
      { type: "error", ops: ["read"], code: 0 },
    ]);
    expect(problems.map(({ path }) => path)).toEqual(["faults[1].code"]);
  });

  test.each([[[]], [undefined]])("wants faults, not %p", async (faults) => {
    const problems = await problemsOf(faults);
    expect(problems.map(({ path }) => path)).toEqual(["faults"]);
  });

  test.each([-1, 1])("wants its crash within its time, not after %p ms", async (crashAfterMs) => {
    const faults = [{ type: "lose_unsynced" }];
    const { taskType, spec } = parse(faults, { crashAfterMs });
    const problems = await checkTaskSpec(taskType, spec);
    expect(problems.map(({ path }) => path)).toEqual(["crashAfterMs"]);
  });

  test("takes one fault without a list", async () => {
    expect(await problemsOf({ type: "unreadable", code: 5 })).toEqual([]);
  });
});
