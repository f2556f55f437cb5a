// The list of allowed skips is read strictly: a skip without a reason is none.

import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readAllowedSkips } from "./allowed-skips.ts";

const folder = mkdtempSync(join(tmpdir(), "allowed-skips-"));
afterAll(() => rmSync(folder, { recursive: true }));

function allow(text: string): Map<string, string> {
  const file = join(folder, "skips.txt");
  writeFileSync(file, text);
  return readAllowedSkips(file);
}

describe("the list of allowed skips", () => {
  test("gives the reason for each name, which may hold an equals sign", () => {
    const allowed = allow("# comment\n\na > b = c works = needs a kernel with x\n");
    expect([...allowed]).toEqual([["a > b = c works", "needs a kernel with x"]]);
  });

  test("is refused when a line has no reason", () => {
    expect(() => allow("a > b\n")).toThrow(/expected: full test name = reason/);
  });
});
