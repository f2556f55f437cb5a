// What our documents say that the code says too.

import { describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { documents, withTables } from "../../scripts/docs-tables/tables.ts";
import { readFile, repositoryFiles, root } from "./source-files.ts";

describe("a document", () => {
  test.each(documents)("%s has its tables up to date (scripts/docs updates them)", async (path) => {
    const { text } = readFile(path);
    expect(text).toContain("<!-- table: ");
    expect(await withTables(text)).toBe(text);
  });

  test("links to files that exist", () => {
    const pages = repositoryFiles().filter((file) => file.path.endsWith(".md"));
    const broken = pages.flatMap((page) =>
      [...page.text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)]
        .map((match) => match[1]!)
        .filter((target) => !/^[a-z]+:/.test(target))
        .filter((target) => !existsSync(join(root, dirname(page.path), target)))
        .map((target) => `${page.path}: ${target}`),
    );
    expect(pages.length).toBeGreaterThan(3);
    expect(broken).toEqual([]);
  });

  test("docs/differences.md names tests that exist", () => {
    const { lines } = readFile("docs/differences.md");
    const rows = lines.filter((line) => line.startsWith("| ")).slice(2);
    const missing = rows.filter((row) => {
      const [, path, name] = /\]\(\.\.\/([^)]+\.test\.ts)\): (.+) \|$/.exec(row) ?? [];
      return path === undefined || !readFile(path).text.includes(name!);
    });
    expect(rows.length).toBeGreaterThan(30);
    expect(missing).toEqual([]);
  });

  test("names scripts that exist", () => {
    const pages = repositoryFiles().filter((file) => file.path.endsWith(".md"));
    const missing = pages.flatMap((page) =>
      [...page.text.matchAll(/\.\/(scripts\/[a-z-]+)/g)]
        .map((match) => match[1]!)
        .filter((script) => !existsSync(join(root, script)))
        .map((script) => `${page.path}: ${script}`),
    );
    expect(missing).toEqual([]);
  });
});
