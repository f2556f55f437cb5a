// The rules of this code base that a machine can check, over the code itself.

import { describe, expect, test } from "bun:test";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { checkTaskSpec, parseTaskSpec } from "../src/tasks/parse-task-spec.ts";
import { taskTypes } from "../src/tasks/registry.ts";
import {
  bannedCalls,
  functionProblems,
  headerProblem,
  leftOutTests,
  looseTypes,
  sizeProblems,
  topLevelAwaits,
} from "./tidy/code-rules.ts";
import { findCycle, importProblem } from "./tidy/import-rules.ts";
import {
  importsOf,
  isTest,
  readFile,
  repositoryFiles,
  root,
  type SourceFile,
  sourceFiles,
} from "./tidy/source-files.ts";

/** Holds what breaks the rules, to show that they notice. */
const rulesOwnTest = "test/tidy/tidy-rules.test.ts";
const all = sourceFiles().filter(
  ({ path }) => !path.startsWith("test/golden/") && path !== rulesOwnTest,
);
const product = all.filter((file) => /^(?:src|kibosh)\//.test(file.path));
const shipped = product.filter((file) => !isTest(file.path));

function expectNone(files: readonly SourceFile[], rule: (file: SourceFile) => string[]): void {
  expect(files.flatMap(rule)).toEqual([]);
}

describe("the code", () => {
  test("is found", () => {
    expect(shipped.map((file) => file.path)).toContain("src/main.ts");
  });

  test("imports inward only", () => {
    expectNone(shipped, (file) =>
      importsOf(file)
        .map(({ target }) => (target === undefined ? "" : importProblem(file.path, target)))
        .filter((problem) => problem !== ""),
    );
  });

  test("has no import cycle", () => {
    const graph = new Map(
      all.map((file) => [
        file.path,
        importsOf(file).flatMap(({ target, isDynamic }) =>
          target === undefined || isDynamic ? [] : [target],
        ),
      ]),
    );
    expect(findCycle(graph)).toBeUndefined();
  });

  test("names the files it imports with their ending, and they exist", () => {
    expectNone(all, (file) =>
      importsOf(file)
        .filter(({ target }) => target !== undefined && !existsSync(join(root, target)))
        .map(({ specifier }) => `${file.path} imports ${specifier}`),
    );
  });

  test("keeps files and lines short", () => expectNone(all, sizeProblems));
  test("keeps functions short", () => expectNone(shipped, functionProblems));
  test("opens every file with a comment", () => expectNone(all, headerProblem));
  test("never awaits at the top level", () => expectNone(shipped, topLevelAwaits));
  test("has no loose types", () => expectNone(all, looseTypes));
  test("makes no banned calls", () => expectNone(shipped, bannedCalls));
  test("leaves no test out", () => expectNone(all, leftOutTests));

  test("names files in kebab case", () => {
    const odd = all.filter(
      (file) => !/^([a-z0-9-]+\/)*[a-z0-9-]+(\.[a-z0-9-]+)*\.ts$/.test(file.path),
    );
    expect(odd.map((file) => file.path)).toEqual([]);
  });

  test("has no room for leftovers", () => {
    const odd = all.filter((file) => /(^|\/)(utils?|helpers?|common|misc)(\/|\.)/.test(file.path));
    expect(odd.map((file) => file.path)).toEqual([]);
  });
});

describe("a task type", () => {
  const folders = ["faults", "workloads"].flatMap((kind) => {
    const parent = join(root, "src/tasks", kind);
    return existsSync(parent) ? readdirSync(parent).map((name) => `src/tasks/${kind}/${name}`) : [];
  });

  test("has its folder, and each folder is in the registry", () => {
    const names = folders.map((folder) => folder.replace(/.*\//, ""));
    expect(names.sort()).toEqual(taskTypes.map((type) => kebabCase(type.shortName)).sort());
  });

  test("comes with spec, worker, test, example and README", () => {
    const missing = folders.flatMap((folder) => {
      const name = folder.replace(/.*\//, "");
      const wanted = [
        "index.ts",
        "spec.ts",
        "worker.ts",
        `${name}.test.ts`,
        "example.json",
        "README.md",
      ];
      const found = readdirSync(join(root, folder));
      return wanted.filter((file) => !found.includes(file)).map((file) => `${folder}/${file}`);
    });
    expect(missing).toEqual([]);
  });

  const specs = [
    ...folders.map((folder) => `${folder}/example.json`),
    ...readdirSync(join(root, "specs")).map((name) => `specs/${name}`),
  ];

  test.each(specs)("has a spec that can run: %s", async (path) => {
    const { taskType, spec } = parseTaskSpec(readFile(path).text);
    expect(await checkTaskSpec(taskType, spec)).toEqual([]);
  });

  test("has a name of its own and a summary of one line", () => {
    const names = taskTypes.flatMap((type) => [type.className, type.shortName]);
    expect(new Set(names).size).toBe(names.length);
    expect(taskTypes.filter((type) => !/^[A-Z][^\n]{10,90}\.$/.test(type.summary))).toEqual([]);
  });
});

describe("the repository", () => {
  // Put together here, so that this file does not hold them itself.
  const forbidden = [
    new RegExp(["registry", "npmjs", "org"].join("\\.")),
    new RegExp(["registry", "yarnpkg", "com"].join("\\.")),
    new RegExp(`${root.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}(?![\\w-])`),
    /\/(?:root|Users)\/\w/,
    /\/home\/(?!user\b|kafka\b|trogdor\b)\w/,
  ];

  test("mentions no package registry and no path of a developer's machine", () => {
    const found = repositoryFiles().flatMap((file) =>
      forbidden
        .filter((pattern) => pattern.test(file.text))
        .map((pattern) => `${file.path}: ${pattern.exec(file.text)?.[0]}`),
    );
    expect(found).toEqual([]);
  });

  test("has the documents that people look for", () => {
    const wanted = ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "docs/cli.md"];
    expect(wanted.filter((path) => readFile(path).text.trim() === "")).toEqual([]);
  });
});

function kebabCase(name: string): string {
  return name.replace(/(?<=[a-z0-9])[A-Z]/g, (letter) => `-${letter}`).toLowerCase();
}
