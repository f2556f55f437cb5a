// Many files and many threads in one mount.

import { describe, expect, test } from "bun:test";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { readStatus } from "./mounted.ts";
import { fill, markedFolder, mountFolder, run, until } from "./mounted-folder.suite.ts";

// Sanitizers make everything slow.
const counts = process.env["KIBOSH_HELPER"] === undefined ? ["5000", "64"] : ["800", "32"];
const programs = join(import.meta.dir, "transparency");

describe("many at once", () => {
  test("files and threads do not disturb each other, and cost little memory", async () => {
    await using mount = await mountFolder();
    const result = await run("python3", join(programs, "many-at-once.py"), mount.mirror, ...counts);
    expect(result).toMatchObject({ exitCode: 0, err: "" });
    const { pid } = await readStatus(mount.mirror);
    const memory = /VmHWM:\s+(\d+) kB/.exec(await readFile(`/proc/${pid}/status`, "utf8"))?.[1];
    if (process.env["KIBOSH_HELPER"] === undefined) expect(Number(memory)).toBeLessThan(20_000);
  });

  test("requests go on beside others that the disk holds up", async () => {
    const names = Array.from({ length: 20 }, (_, index) => `file${index}`);
    await using disk = await ownDisk((target) => fill(target, "read", ...names));
    await using mount = await mountFolder({ target: disk.path });
    const before = (await readStatus(mount.mirror)).threads;
    expect(before).toBeLessThan(names.length);
    const frozen = await freeze(disk.path);
    const writers = names.map((name) => run("dd", "if=/dev/zero", ...ddTo(mount.mirror, name)));
    try {
      const threadsNow = async () => (await readStatus(mount.mirror)).threads;
      await until(async () => (await threadsNow()) > names.length, "a thread for each writer");
      expect(await run("cat", join(mount.mirror, "read"))).toMatchObject({ exitCode: 0, err: "" });
    } finally {
      await frozen.thaw();
    }
    const codes = (await Promise.all(writers)).map(({ exitCode }) => exitCode);
    expect(codes).toEqual(names.map(() => 0));
  });
});

function ddTo(folder: string, name: string): string[] {
  return [`of=${join(folder, name)}`, "bs=4k", "count=1", "conv=notrunc", "status=none"];
}

/** A file system of its own, since freezing one stops whoever writes to it. */
async function ownDisk(prepare: (path: string) => Promise<void>) {
  const folder = await markedFolder();
  const path = join(folder, "disk");
  const image = join(folder, "image");
  await Bun.$`mkdir ${path} && truncate -s 32M ${image} && mkfs.ext4 -q ${image}`.quiet();
  await Bun.$`mount -o loop ${image} ${path}`.quiet();
  await prepare(path);
  return {
    path,
    async [Symbol.asyncDispose]() {
      // Kibosh's process holds the folder open until it has ended.
      await until(async () => (await run("umount", path)).exitCode === 0, `the end of ${path}`);
      await rm(folder, { recursive: true });
    },
  };
}

/** The shell thaws when this process ends too, however that ends: its input is over then. */
async function freeze(path: string) {
  const script = 'fsfreeze -f "$0" && echo frozen && read _; fsfreeze -u "$0"';
  const shell = Bun.spawn(["setsid", "sh", "-c", script, path], {
    stdin: "pipe",
    stdout: "pipe",
    stderr: "ignore",
  });
  const reader = shell.stdout.getReader();
  expect(Buffer.from((await reader.read()).value ?? []).toString()).toBe("frozen\n");
  return {
    async thaw() {
      shell.stdin.end();
      await shell.exited;
    },
  };
}
