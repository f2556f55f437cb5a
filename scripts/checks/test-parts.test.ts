// No test is left out, and none runs twice.

import { expect, test } from "bun:test";
import { resolve } from "node:path";
import { testFiles, testParts } from "./test-parts.ts";

const root = resolve(import.meta.dir, "../..");

test("the parts hold every test file once", () => {
  const parts = testParts(root);
  expect(parts.flat().toSorted()).toEqual(testFiles(root));
  expect(parts.flat()).toContain("./scripts/checks/test-parts.test.ts");
  for (const part of parts) expect(part.length).toBeGreaterThan(10);
});

test("the test files are those that git knows of", async () => {
  const { stdout } = Bun.spawnSync(["git", "ls-files", "*.test.ts"], { cwd: root });
  const known = stdout.toString().trim().split("\n");
  expect(testFiles(root)).toEqual(expect.arrayContaining(known.map((file) => `./${file}`)));
});
