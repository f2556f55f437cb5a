// What faults keep when a new document comes: two people who add faults one after the other each
// write a whole document, and must not set back what the other's faults have counted.

import { describe, expect, test } from "bun:test";
import { open, readFile, rename, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Fault } from "./fault-schema.ts";
import { readStatus } from "./mounted.ts";
import { errnoOf, fill, mountFolder, run, until } from "./mounted-folder.suite.ts";

const twice: Fault = { type: "error", ops: "open", prefix: "/a", code: "EIO", count: 2 };
const other: Fault = { type: "error", ops: "open", prefix: "/b", code: "ENOSPC" };

async function mounted() {
  return await mountFolder({ prepare: (target) => fill(target, "a", "b") });
}

async function opening(mirror: string, name: string): Promise<string> {
  return await errnoOf(open(join(mirror, name)).then((file) => file.close()));
}

describe("a fault that is in the old and in the new document", () => {
  const others: [string, (mirror: string) => string][] = [
    ["behind it", () => JSON.stringify({ faults: [twice, other] })],
    ["before it", () => JSON.stringify({ faults: [other, twice] })],
    ["and white space", () => JSON.stringify({ faults: [twice, other] }, null, "\t")],
  ];
  test.each(others)("is not filled up again by a fault that is added %s", async (_, text) => {
    await using mount = await mounted();
    await mount.faults(twice);
    for (const error of ["EIO", "EIO", ""]) expect(await opening(mount.mirror, "a")).toBe(error);
    await mount.set(text(mount.mirror));
    expect(await opening(mount.mirror, "a")).toBe("");
    expect(await opening(mount.mirror, "b")).toBe("ENOSPC");
    const { faults } = await readStatus(mount.mirror);
    expect(new Set(faults.map(({ applied, left }) => `${applied} ${left}`))).toEqual(
      new Set(["2 0", "1 undefined"]),
    );
  });

  test("begins again after it was cleared, and when it is another", async () => {
    await using mount = await mounted();
    await mount.faults(twice);
    for (const error of ["EIO", "EIO", ""]) expect(await opening(mount.mirror, "a")).toBe(error);
    await mount.faults({ ...twice, code: "EACCES" });
    expect(await opening(mount.mirror, "a")).toBe("EACCES");
    await mount.set("{}");
    await mount.faults(twice);
    expect(await opening(mount.mirror, "a")).toBe("EIO");
  });

  test("that stands there twice counts for itself each time", async () => {
    await using mount = await mounted();
    const once: Fault = { ...twice, count: 1 };
    await mount.faults(once, once);
    expect(await opening(mount.mirror, "a")).toBe("EIO");
    await mount.faults(once, once, other);
    for (const error of ["EIO", ""]) expect(await opening(mount.mirror, "a")).toBe(error);
  });

  test("goes on with Kibosh's count", async () => {
    await using mount = await mounted();
    const zeros: Fault = {
      ...{ type: "write_corrupt", prefix: "/a", mode: 1000, fraction: 1, count: 1 },
    };
    await mount.faults(zeros);
    await writeFile(join(mount.mirror, "a"), "one");
    await mount.faults(zeros, other);
    await writeFile(join(mount.mirror, "a"), "other");
    // The writer sets the length afterwards.
    const stored = (await readFile(join(mount.target, "a"), "latin1")).replace(/\0+$/, "");
    expect("other").toStartWith(stored);
    expect(stored).not.toBe("other");
  });

  test("leaves a full disk as full as it was", async () => {
    await using mount = await mounted();
    const full: Fault = { type: "full_disk", available_bytes: 10 };
    await mount.faults(full);
    await writeFile(join(mount.mirror, "c"), "0123456789");
    await mount.faults(full, other);
    expect(await errnoOf(writeFile(join(mount.mirror, "d"), "more"))).toBe("ENOSPC");
  });
});

describe("names and attributes", () => {
  const idle: Fault = { type: "error", ops: "*", prefix: "/elsewhere" };

  async function lookUps(mirror: string): Promise<number> {
    const { operations } = await readStatus(mirror);
    return (operations["lookup"]?.count ?? 0) + (operations["getattr"]?.count ?? 0);
  }

  test("are kept by the kernel where no fault is for looking at them", async () => {
    await using mount = await mountFolder({
      timeoutSec: 3600,
      prepare: (target) => fill(target, "a"),
    });
    await mount.faults(idle);
    await stat(join(mount.mirror, "a"));
    const before = await lookUps(mount.mirror);
    for (let i = 0; i < 20; i += 1) await stat(join(mount.mirror, "a"));
    expect((await lookUps(mount.mirror)) - before).toBeLessThan(10);
  });

  test("meet a fault that was set while they were looked at for the first time", async () => {
    await using mount = await mountFolder({ timeoutSec: 3600, threads: 4 });
    const program = join(import.meta.dir, "transparency/set-while-looking.py");
    const { out, err } = await run("python3", program, mount.target, mount.mirror);
    expect({ out, err }).toEqual({ out: "0\n", err: "" });
  });

  test("meet the fault once a rename brought them where there is one", async () => {
    await using mount = await mountFolder({
      timeoutSec: 3600,
      prepare: (target) => fill(target, "d/a"),
    });
    await mount.faults({ type: "error", ops: ["lookup", "getattr"], prefix: "/elsewhere/" });
    await stat(join(mount.mirror, "d/a"));
    await rename(join(mount.mirror, "d"), join(mount.mirror, "elsewhere"));
    // The kernel is told by a thread of its own, right after the rename.
    const look = () => errnoOf(stat(join(mount.mirror, "elsewhere/a")));
    await until(async () => (await look()) === "EIO", "the fault");
  });
});
