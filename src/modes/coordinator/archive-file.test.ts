// The archive keeps what it is given, within its bound.

import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { archiveFile } from "./archive-file.ts";

describe("the archive file", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "trogdor-archive-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test("has one line for each task, in order, for its owner only", async () => {
    const path = join(folder, "archive.jsonl");
    await archiveFile(path).append(["one", "two"]);
    await archiveFile(path).append(["three"]);
    expect(readFileSync(path, "utf8")).toBe("one\ntwo\nthree\n");
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test("moves aside when it is full, so that two files are the bound", async () => {
    const path = join(folder, "archive.jsonl");
    const archive = archiveFile(path, 2000);
    for (let index = 0; index < 200; index += 1) await archive.append([`${index}`.padEnd(49)]);
    expect(readdirSync(folder).sort()).toEqual(["archive.jsonl", "archive.jsonl.1"]);
    const text = readFileSync(`${path}.1`, "utf8") + readFileSync(path, "utf8");
    expect(text.length).toBeLessThanOrEqual(2000);
    expect(text.trim().split("\n").at(-1)?.trim()).toBe("199");
  });

  test("says when it cannot be written", async () => {
    const archive = archiveFile(join(folder, "no", "such", "folder"));
    expect(archive.append(["x"])).rejects.toThrow("ENOENT");
  });
});
