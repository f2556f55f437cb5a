// Losing what was not synced, and syncs that fail and lie.

import { describe, expect, test } from "bun:test";
import {
  appendFile,
  type FileHandle,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rmdir,
  truncate,
  unlink,
  writeFile,
} from "node:fs/promises";
import { join } from "node:path";
import { crash, readStatus } from "./mounted.ts";
import { errnoOf, exists, type MountedFolder, mountFolder, until } from "./mounted-folder.suite.ts";

const lose = { type: "lose_unsynced" } as const;

async function tracked(): Promise<MountedFolder> {
  return await mountFolder({
    trackUnsynced: true,
    prepare: async (target) => {
      await Bun.$`mkdir ${target}/d`.quiet();
      await writeFile(join(target, "old"), "0123456789");
      await writeFile(join(target, "other"), "other");
    },
  });
}

async function syncFolder(folder: string): Promise<void> {
  // A program: this runtime opens no folders.
  await Bun.$`sync ${folder}`.quiet();
}

async function withFile(
  file: string,
  flags: string,
  work: (handle: FileHandle) => Promise<unknown>,
): Promise<void> {
  const handle = await open(file, flags);
  try {
    await work(handle);
  } finally {
    await handle.close();
  }
}

async function text(folder: string, name: string): Promise<string> {
  return await readFile(join(folder, name), "utf8");
}

async function names(mount: MountedFolder): Promise<string[]> {
  const shown = (await readdir(mount.mirror)).sort();
  const stored = (await readdir(mount.target)).filter((name) => !name.startsWith(".")).sort();
  expect(shown).toEqual(stored);
  return shown;
}

describe("a crash loses", () => {
  test("what was written, appended or cut and not synced", async () => {
    await using mount = await tracked();
    const at = (name: string) => join(mount.mirror, name);
    await withFile(at("old"), "r+", (file) => file.write("XXX", 2));
    await appendFile(at("old"), "more");
    await truncate(at("other"), 2);
    await crash(mount.mirror);
    expect(await text(mount.mirror, "old")).toBe("0123456789");
    expect(await text(mount.target, "old")).toBe("0123456789");
    expect(await text(mount.mirror, "other")).toBe("other");
  });

  test("only what was written after the last sync", async () => {
    await using mount = await tracked();
    await withFile(join(mount.mirror, "old"), "r+", async (file) => {
      await file.write("AAA", 0);
      await file.sync();
      await file.write("BBB", 0);
      await file.write("CCCC", 10);
      await file.datasync();
      await file.write("DDDD", 0);
    });
    await crash(mount.mirror);
    expect(await text(mount.mirror, "old")).toBe("BBB3456789CCCC");
  });

  test("files that were made, and brings back those that were removed or replaced", async () => {
    await using mount = await tracked();
    const at = (name: string) => join(mount.mirror, name);
    await writeFile(at("new"), "new");
    await mkdir(at("e"));
    await writeFile(at("e/f"), "deep");
    await unlink(at("other"));
    await rename(at("new"), at("old"));
    await rmdir(at("d"));
    await crash(mount.mirror);
    expect(await names(mount)).toEqual(["d", "old", "other"]);
    expect(await text(mount.mirror, "old")).toBe("0123456789");
    expect(await text(mount.mirror, "other")).toBe("other");
    expect(await readdir(at("d"))).toEqual([]);
  });

  test("nothing of a folder that was synced", async () => {
    await using mount = await tracked();
    const at = (name: string) => join(mount.mirror, name);
    await writeFile(at("a"), "");
    await rename(at("other"), at("b"));
    await unlink(at("old"));
    await syncFolder(mount.mirror);
    await writeFile(at("c"), "");
    await crash(mount.mirror);
    expect(await names(mount)).toEqual(["a", "b", "d"]);
  });

  test("no file that was synced itself, nor its folders", async () => {
    await using mount = await tracked();
    await mkdir(join(mount.mirror, "e"));
    await withFile(join(mount.mirror, "e/f"), "w", async (file) => {
      await file.write("kept");
      await file.sync();
      await file.write("lost");
    });
    await crash(mount.mirror);
    expect(await text(mount.mirror, "e/f")).toBe("kept");
  });

  test("pages of a shared mapping that were not written back", async () => {
    await using mount = await tracked();
    const script = `
import mmap, sys, time
f = open("${mount.mirror}/old", "r+b"); m = mmap.mmap(f.fileno(), 10)
m[0:3] = b"ZZZ"
if sys.argv[1] == "flush": m.flush()
print("ready", flush=True); time.sleep(20)`;
    const child = Bun.spawn(["python3", "-c", script, "keep"], { stdout: "pipe" });
    await child.stdout.getReader().read();
    await crash(mount.mirror);
    child.kill("SIGKILL");
    await child.exited;
    expect(await text(mount.mirror, "old")).toBe("0123456789");
    expect(await text(mount.target, "old")).toBe("0123456789");
  });
});

describe("a crash", () => {
  test("ends what was open before", async () => {
    await using mount = await tracked();
    await withFile(join(mount.mirror, "old"), "r+", async (file) => {
      await crash(mount.mirror);
      expect(await errnoOf(file.read(Buffer.alloc(1), 0, 1, 0))).toBe("EIO");
      expect(await errnoOf(file.write("x"))).toBe("EIO");
      expect(await errnoOf(file.sync())).toBe("EIO");
    });
    expect(await text(mount.mirror, "old")).toBe("0123456789");
  });

  test("can happen again and again, and fires once for each id", async () => {
    await using mount = await tracked();
    for (let id = 1; id <= 3; id += 1) {
      await writeFile(join(mount.mirror, "lost"), `${id}`);
      await mount.set(`{"crash":{"id":${id}}}`);
      expect(await exists(join(mount.mirror, "lost"))).toBe(false);
      await writeFile(join(mount.mirror, "kept"), `${id}`);
      await mount.set(`{"crash":{"id":${id}},"note":1}`);
      expect(await exists(join(mount.mirror, "kept"))).toBe(true);
    }
    expect((await readStatus(mount.mirror)).lastCrash).toBe(3);
  });

  test("without tracking is refused", async () => {
    await using mount = await mountFolder();
    await expect(crash(mount.mirror)).rejects.toThrow("nothing is tracked");
    await expect(mount.set('{"crash":{"id":0}}')).rejects.toThrow('"id" of 1 or more');
  });

  test("leaves alone what lies outside of its faults", async () => {
    await using mount = await mountFolder();
    await mkdir(join(mount.mirror, "in"));
    await mkdir(join(mount.mirror, "out"));
    await mount.faults({ ...lose, prefix: "/in/" });
    await writeFile(join(mount.mirror, "in/a"), "a");
    await writeFile(join(mount.mirror, "out/a"), "a");
    await crash(mount.mirror);
    expect(await readdir(join(mount.mirror, "in"))).toEqual([]);
    expect(await readdir(join(mount.mirror, "out"))).toEqual(["a"]);
  });

  test("that is torn keeps some sectors and cuts between them", async () => {
    await using mount = await mountFolder();
    const file = join(mount.mirror, "a");
    await writeFile(file, Buffer.alloc(65_536, 1));
    await mount.faults({ ...lose, mode: "torn" });
    await withFile(file, "r+", (handle) => handle.write(Buffer.alloc(131_072, 2), 0, 131_072, 0));
    await crash(mount.mirror);
    const data = await readFile(file);
    const cut = data.indexOf(1);
    expect(cut === -1 ? 0 : cut % 512).toBe(0);
    expect(data.length % 512).toBe(0);
    expect(data.length).toBeGreaterThanOrEqual(65_536);
    expect(data.subarray(0, Math.max(cut, 0)).every((byte) => byte === 2)).toBe(true);
  });

  test("leaves nothing of its own behind", async () => {
    await using mount = await tracked();
    await unlink(join(mount.mirror, "other"));
    expect((await readdir(mount.mirror)).sort()).toEqual(["d", "old"]);
    expect((await readdir(mount.target)).sort()).toEqual([".kibosh-unsynced", "d", "old"]);
    await Bun.$`umount ${mount.mirror}`.quiet();
    await until(async () => !(await exists(mount.pidfile)), "the end");
    expect((await readdir(mount.target)).sort()).toEqual(["d", "old"]);
  });
});

describe("a failed sync", () => {
  test("fails once for a file, loses what was not synced, and then lies", async () => {
    await using mount = await mountFolder();
    const file = join(mount.mirror, "a");
    await writeFile(file, "synced");
    await mount.faults({ type: "failed_sync" });
    await withFile(file, "r+", async (handle) => {
      await handle.write("LOST", 0);
      expect(await errnoOf(handle.sync())).toBe("EIO");
      expect(await errnoOf(handle.sync())).toBe("");
    });
    expect(await readFile(file, "utf8")).toBe("synced");
  });
});
