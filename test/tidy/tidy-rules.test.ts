// The rules themselves can fail: each is shown something that breaks it.

import { describe, expect, test } from "bun:test";
import {
  bannedCalls,
  functionProblems,
  headerProblem,
  leftOutTests,
  looseTypes,
  sizeProblems,
  topLevelAwaits,
} from "./code-rules.ts";
import { findCycle, importProblem } from "./import-rules.ts";
import { importsOf, type SourceFile } from "./source-files.ts";

function file(path: string, ...lines: string[]): SourceFile {
  return { path, lines, text: lines.join("\n") };
}

describe("the import rules", () => {
  test.each([
    ["src/core/a.ts", "src/spec/b.ts"],
    ["src/spec/a.ts", "src/kafka/b.ts"],
    ["src/kafka/a.ts", "src/measure/b.ts"],
    ["src/tasks/a.ts", "src/modes/b.ts"],
    ["src/tasks/a.ts", "src/platform/clock/real-clock.ts"],
    ["src/unknown/a.ts", "src/core/b.ts"],
    ["src/modes/a.ts", "test/b.ts"],
  ])("refuse that %s imports %s", (path, target) => {
    expect(importProblem(path, target)).not.toBe("");
  });

  test.each([
    ["src/core/a.ts", "src/core/b.ts"],
    ["src/tasks/a.ts", "src/platform/clock/clock.ts"],
    ["src/modes/a.ts", "src/platform/clock/real-clock.ts"],
    ["src/main.ts", "src/modes/b.ts"],
    ["src/modes/a.ts", "src/version.ts"],
  ])("accept that %s imports %s", (path, target) => {
    expect(importProblem(path, target)).toBe("");
  });

  test("see imports of every form", () => {
    const source = file(
      "src/modes/a.ts",
      'import { a } from "./b.ts";',
      'import type { c } from "../core/d.ts";',
      "import {",
      "  e,",
      '} from "./e.ts";',
      'export { f } from "./f.ts";',
      'import "node:fs";',
      'const g = () => import("./g.ts");',
    );
    expect(importsOf(source).map(({ target, isDynamic }) => [target, isDynamic])).toEqual([
      ["src/modes/b.ts", false],
      ["src/core/d.ts", false],
      ["src/modes/e.ts", false],
      ["src/modes/f.ts", false],
      [undefined, false],
      ["src/modes/g.ts", true],
    ]);
  });

  test("find a cycle", () => {
    const graph = new Map([
      ["a", ["b"]],
      ["b", ["c"]],
      ["c", ["b"]],
    ]);
    expect(findCycle(graph)).toEqual(["b", "c", "b"]);
    expect(
      findCycle(
        new Map([
          ["a", ["b", "c"]],
          ["b", ["c"]],
        ]),
      ),
    ).toBeUndefined();
  });
});

describe("the code rules", () => {
  test("see a long file, a long line and a long function", () => {
    expect(sizeProblems(file("a.ts", ...Array(502).fill("")))).toHaveLength(1);
    expect(sizeProblems(file("a.ts", "x".repeat(101)))).toHaveLength(1);
    const body = ["export async function a() {", ...Array(69).fill("  b();"), "}"];
    expect(functionProblems(file("a.ts", ...body))).toHaveLength(1);
    expect(functionProblems(file("a.ts", body[0]!, ...body.slice(2)))).toEqual([]);
  });

  test("count a function's own lines, not those of the functions inside", () => {
    const inner = ["  const b = () => {", ...Array(40).fill("    c();"), "  };"];
    const outer = (own: number) => ["function a() {", ...Array(own).fill("  d();"), ...inner, "}"];
    expect(functionProblems(file("a.ts", ...outer(60)))).toEqual([]);
    expect(functionProblems(file("a.ts", ...outer(70)))).toHaveLength(1);
  });

  test.each(["const a = Date.now();", "setTimeout(b);", "Math.random();", 'import "node:fs";'])(
    "see %s in the core",
    (line) => {
      expect(bannedCalls(file("src/core/a.ts", line))).toHaveLength(1);
      expect(bannedCalls(file("src/platform/a.ts", line))).toEqual([]);
    },
  );

  test("see who else ends the process", () => {
    const line = "process.exit(1);";
    expect(bannedCalls(file("src/modes/a.ts", line))).toHaveLength(1);
    expect(bannedCalls(file("src/main.ts", line))).toEqual([]);
  });

  test.each(["const a = await b();", "await b();", "for await (const a of b) {"])(
    "see %s at the top level only",
    (line) => {
      expect(topLevelAwaits(file("src/a.ts", line))).toHaveLength(1);
      expect(topLevelAwaits(file("src/a.ts", `  ${line}`))).toEqual([]);
    },
  );

  test("see a loose type, but not the word", () => {
    expect(looseTypes(file("a.ts", "function a(b: any) {}", "const c = d as any;"))).toHaveLength(
      2,
    );
    expect(looseTypes(file("a.ts", "// any", 'say("at any time");', "anyOf(a);"))).toEqual([]);
  });

  test("see a test that is left out", () => {
    expect(leftOutTests(file("src/a.test.ts", 'test.only("a", () => {});'))).toHaveLength(1);
    expect(leftOutTests(file("src/a.test.ts", 'test("a", () => {});'))).toEqual([]);
  });

  test("see a file without a header", () => {
    expect(headerProblem(file("a.ts", 'import "b";'))).toHaveLength(1);
    expect(headerProblem(file("a.ts", "// What it is for."))).toEqual([]);
    expect(headerProblem(file("a.ts", "#!/usr/bin/env bun", "// What."))).toEqual([]);
  });
});
