// No test process that died, was killed or ran nothing looks like one that passed.

import { expect, test } from "bun:test";
import { judgePart, type PartRun } from "./judge-part.ts";

const allowed = new Map([["a > may be skipped", "no such machine"]]);
const passed = { passed: 5, failed: 0, skipped: [] };

function problemsOf(run: PartRun): readonly string[] {
  return judgePart(run, allowed, "allowed.txt").problems;
}

test.each<[string, PartRun, readonly string[]]>([
  ["passed", { exitCode: 0, counts: passed }, []],
  ["failed tests, which count themselves", { exitCode: 1, counts: { ...passed, failed: 1 } }, []],
  ["died with its report", { exitCode: 139, counts: passed }, ["bun test ended with 139"]],
  ["ran nothing", { exitCode: 0, counts: { ...passed, passed: 0 } }, ["no test ran"]],
  [
    "left without a report and without an error",
    { exitCode: 0, counts: undefined },
    ["bun test ended with 0 and no report"],
  ],
  [
    "skipped what nobody allowed",
    { exitCode: 0, counts: { ...passed, skipped: ["a > may be skipped", "b"] } },
    ["skipped, and not in allowed.txt: b"],
  ],
])("a test process that %s", (_, run, problems) => {
  expect(problemsOf(run)).toEqual(problems);
});

test("an allowed skip is told with its reason", () => {
  const counts = { ...passed, skipped: ["a > may be skipped"] };
  const { notes } = judgePart({ exitCode: 0, counts }, allowed, "allowed.txt");
  expect(notes).toEqual(["skipped: a > may be skipped (no such machine)"]);
});

test("a process that a signal killed has an exit code that says so", async () => {
  const child = Bun.spawn(["sleep", "600"], { stdio: ["ignore", "ignore", "ignore"] });
  child.kill("SIGKILL");
  const exitCode = await child.exited;
  expect(problemsOf({ exitCode, counts: undefined })).toEqual([
    "bun test ended with 137 and no report",
  ]);
  expect(problemsOf({ exitCode, counts: passed })).toEqual(["bun test ended with 137"]);
});
