// What a fault applies to: Kibosh's cases 34 to 41, and what ours add.

import { describe, expect, test } from "bun:test";
import { link, open, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import type { Fault } from "./fault-schema.ts";
import { errnoOf, fill, type MountedFolder, mountFolder, run } from "./mounted-folder.suite.ts";

const names = ["foo", "foo1", "foobar", "foo/x.log", "foo/x.index", "bar", "a b", "FOO"];

async function mounted(...files: readonly string[]): Promise<MountedFolder> {
  return await mountFolder({ prepare: (target) => fill(target, ...files) });
}

async function failing(mount: MountedFolder, files: readonly string[]): Promise<string[]> {
  const errors = await Promise.all(
    files.map((name) => errnoOf(readFile(join(mount.mirror, name)))),
  );
  return files.filter((_, index) => errors[index] === "EIO");
}

const files = names.filter((name) => name !== "foo");

const cases: [string, Partial<Fault>, string[]][] = [
  ["a prefix is plain text", { prefix: "/foo" }, ["foo1", "foobar", "foo/x.log", "foo/x.index"]],
  ["a prefix may end in a slash", { prefix: "/foo/" }, ["foo/x.log", "foo/x.index"]],
  ["a prefix without a slash matches nothing", { prefix: "foo" }, []],
  ["an empty prefix matches all", { prefix: "" }, files],
  ["no prefix matches all", {}, files],
  ["a suffix must hold too", { prefix: "/foo", suffix: ".log" }, ["foo/x.log"]],
  ["both may overlap", { prefix: "/foo/x.log", suffix: "/foo/x.log" }, ["foo/x.log"]],
  ["a star is a star", { prefix: "/foo*" }, []],
  ["case counts", { prefix: "/FOO" }, ["FOO"]],
];

describe("prefix and suffix", () => {
  test.each(cases)("%s", async (_, fields, expected) => {
    await using mount = await mounted(...files);
    await mount.faults({ type: "unreadable", code: 5, ...fields } as Fault);
    expect(await failing(mount, files)).toEqual(expected);
  });
});

const globs: [string, string[]][] = [
  ["/foo*", ["foo1", "foobar"]],
  ["/foo**", ["foo1", "foobar", "foo/x.log", "foo/x.index"]],
  ["/*/*.log", ["foo/x.log"]],
  ["**.log", ["foo/x.log"]],
  ["/foo[0-9]", ["foo1"]],
  ["/foo[!0-9]*", ["foobar"]],
  ["/???", ["bar", "a b", "FOO"]],
  ["/a\\ b", ["a b"]],
  ["/*b*", ["foobar", "bar", "a b"]],
  ["foo1", []],
];

describe("a glob", () => {
  test.each(globs)("%s", async (glob, expected) => {
    await using mount = await mounted(...files);
    await mount.faults({ type: "error", ops: "read", glob });
    expect(await failing(mount, files)).toEqual(expected);
  });
});

describe("the name that counts", () => {
  const log: Fault = { type: "unreadable", code: 5, suffix: ".log" };

  test("is the one by which a file was opened, whatever it is renamed to", async () => {
    await using mount = await mounted("seg.log");
    await mount.faults(log);
    const file = await open(join(mount.mirror, "seg.log"));
    await rename(join(mount.mirror, "seg.log"), join(mount.mirror, "seg.log.deleted"));
    expect(await errnoOf(file.read(Buffer.alloc(10), 0, 10, 0))).toBe("EIO");
    expect(await errnoOf(readFile(join(mount.mirror, "seg.log.deleted")))).toBe("");
    await file.close();
  });

  test("does not become worse for who opened it before", async () => {
    await using mount = await mounted("new");
    await mount.faults(log);
    const file = await open(join(mount.mirror, "new"));
    await rename(join(mount.mirror, "new"), join(mount.mirror, "new.log"));
    expect(await errnoOf(file.read(Buffer.alloc(10), 0, 10, 0))).toBe("");
    expect(await errnoOf(readFile(join(mount.mirror, "new.log")))).toBe("EIO");
    await file.close();
  });

  test("is the new one below a folder that was renamed", async () => {
    await using mount = await mounted("old/a");
    await readFile(join(mount.mirror, "old/a"));
    await rename(join(mount.mirror, "old"), join(mount.mirror, "new"));
    await mount.faults({ type: "unreadable", code: 5, prefix: "/new/" });
    expect(await errnoOf(readFile(join(mount.mirror, "new/a")))).toBe("EIO");
  });

  test("is the one that was used of a file with several", async () => {
    await using mount = await mounted("h1");
    await link(join(mount.mirror, "h1"), join(mount.mirror, "h2"));
    await mount.faults({ type: "unreadable", code: 5, prefix: "/h1" });
    for (let i = 0; i < 20; i += 1) {
      expect(await errnoOf(readFile(join(mount.mirror, "h2")))).toBe("");
      expect(await errnoOf(readFile(join(mount.mirror, "h1")))).toBe("EIO");
    }
  });
});

describe("a fault of ours", () => {
  test("can be for one process", async () => {
    await using mount = await mounted("a");
    const file = join(mount.mirror, "a");
    await mount.faults({ type: "error", ops: "read", comm: "head" });
    expect((await run("head", "-c1", file)).exitCode).toBe(1);
    expect((await run("tail", "-c1", file)).exitCode).toBe(0);
    await mount.faults({ type: "error", ops: "read", pid: process.pid });
    expect((await run("head", "-c1", file)).exitCode).toBe(0);
    expect(await errnoOf(readFile(file))).toBe("EIO");
  });

  test("can be for one user", async () => {
    await using mount = await mounted("a");
    await run("chmod", "755", mount.folder);
    const cat = ["cat", join(mount.mirror, "a")];
    await mount.faults({ type: "error", ops: "read", uid: 1234 });
    expect((await run("setpriv", "--reuid=1234", "--clear-groups", ...cat)).exitCode).toBe(1);
    expect((await run(...cat)).exitCode).toBe(0);
  });

  test("can be for sizes and places", async () => {
    await using mount = await mounted("a");
    const file = await open(join(mount.mirror, "a"));
    const read = (offset: number, length: number) =>
      errnoOf(file.read(Buffer.alloc(length), 0, length, offset));
    await mount.faults({ type: "error", ops: "read", min_offset: 8192, max_offset: 12_287 });
    expect([await read(0, 4096), await read(8192, 4096), await read(12_288, 4096)]).toEqual([
      "",
      "EIO",
      "",
    ]);
    await mount.faults({ type: "error", ops: "read", min_size: 100, max_size: 200 });
    const expected = ["", "EIO", "EIO", ""];
    if (process.env["KIBOSH_CACHED"] === "1") expected.fill("");
    expect([await read(0, 99), await read(0, 100), await read(0, 200), await read(0, 201)]).toEqual(
      expected,
    );
    await file.close();
  });
});
