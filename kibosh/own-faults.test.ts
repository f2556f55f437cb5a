// The faults that Kibosh does not have.

import { describe, expect, test } from "bun:test";
import {
  chmod,
  link,
  mkdir,
  open,
  readdir,
  readFile,
  readlink,
  rename,
  rmdir,
  stat,
  statfs,
  symlink,
  truncate,
  unlink,
  utimes,
  writeFile,
} from "node:fs/promises";
import { join } from "node:path";
import type { Fault } from "./fault-schema.ts";
import { readStatus } from "./mounted.ts";
import { errnoOf, fill, type MountedFolder, mountFolder, run } from "./mounted-folder.suite.ts";
import type { Operation } from "./operations.ts";

async function mounted(...files: readonly string[]): Promise<MountedFolder> {
  return await mountFolder({ prepare: (target) => fill(target, ...files) });
}

async function synced(file: string): Promise<void> {
  const handle = await open(file, "r+");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

const operationCases: [Operation, (at: string) => Promise<unknown>][] = [
  ["lookup", (at) => stat(`${at}/a`)],
  ["getattr", (at) => stat(`${at}/a`)],
  ["chmod", (at) => chmod(`${at}/a`, 0o600)],
  ["utimens", (at) => utimes(`${at}/a`, 1, 2)],
  ["truncate", (at) => truncate(`${at}/a`, 5)],
  ["open", (at) => open(`${at}/a`).then((file) => file.close())],
  ["create", (at) => writeFile(`${at}/new`, "")],
  ["read", (at) => readFile(`${at}/a`)],
  ["write", (at) => writeFile(`${at}/a`, "x")],
  ["fsync", (at) => synced(`${at}/a`)],
  ["opendir", (at) => readdir(at)],
  ["readdir", (at) => readdir(at)],
  ["mkdir", (at) => mkdir(`${at}/d`)],
  ["symlink", (at) => symlink("a", `${at}/s`)],
  ["readlink", (at) => readlink(`${at}/l`)],
  ["link", (at) => link(`${at}/a`, `${at}/b`)],
  ["unlink", (at) => unlink(`${at}/a`)],
  ["rmdir", (at) => rmdir(`${at}/empty`)],
  ["rename", (at) => rename(`${at}/a`, `${at}/b`)],
  ["statfs", (at) => statfs(at)],
];

describe("an error", () => {
  test.each(operationCases)("can be had of %s", async (ops, action) => {
    await using mount = await mountFolder({
      prepare: async (target) => {
        await fill(target, "a");
        await Bun.$`mkdir ${target}/empty && ln -s a ${target}/l`.quiet();
      },
    });
    // Attributes and names that the kernel has cached must not hide the fault.
    await stat(join(mount.mirror, "a"));
    await mount.faults({ type: "error", ops, code: "ENOTSUP" });
    expect(await errnoOf(action(mount.mirror))).toBe("ENOTSUP");
    await mount.set("{}");
    expect(await errnoOf(action(mount.mirror))).toBe("");
  });
});

describe("a trigger", () => {
  async function hits(fields: object, reads: number): Promise<boolean[]> {
    await using mount = await mounted("a");
    await mount.faults({ type: "error", ops: "open", ...fields } as Fault);
    const results: boolean[] = [];
    for (let i = 0; i < reads; i += 1) {
      results.push(
        (await errnoOf(
          stat(join(mount.mirror, "a"))
            .then(() => open(join(mount.mirror, "a")))
            .then((file) => file.close()),
        )) !== "",
      );
    }
    return results;
  }
  const yes = true;
  const no = false;
  const triggers: [string, object, boolean[]][] = [
    ["after", { after: 2 }, [no, no, yes, yes, yes]],
    ["every", { every: 2 }, [no, yes, no, yes, no]],
    ["after and every", { after: 1, every: 3 }, [no, no, no, yes, no]],
    ["count", { count: 2 }, [yes, yes, no, no, no]],
    ["once", { once: true }, [yes, no, no, no, no]],
    ["probability 0", { probability: 0 }, [no, no, no, no, no]],
  ];
  test.each(triggers)("%s", async (_, fields, expected) => {
    expect(await hits(fields, 5)).toEqual(expected);
  });

  test("with a probability is the same for the same seed", async () => {
    const first = await hits({ probability: 0.5 }, 40);
    expect(first).toContain(true);
    expect(first).toContain(false);
    expect(await hits({ probability: 0.5 }, 40)).toEqual(first);
  });

  test("ends after its time", async () => {
    await using mount = await mounted("a");
    await mount.faults({ type: "error", ops: "open", duration_ms: 100 });
    expect(await errnoOf(open(join(mount.mirror, "a")))).toBe("EIO");
    const startedMs = performance.now();
    while ((await errnoOf(readFile(join(mount.mirror, "a")))) !== "") await Bun.sleep(5);
    expect(performance.now() - startedMs).toBeLessThan(40_000);
  });
});

describe("a delay of ours", () => {
  test.each(["fixed", "uniform", "normal", "pareto"] as const)(
    "can be %s",
    async (distribution) => {
      await using mount = await mounted("a");
      await mount.faults({ type: "delay", ops: ["fsync"], delay_ms: 5, max_ms: 20, distribution });
      for (let i = 0; i < 5; i += 1) await synced(join(mount.mirror, "a"));
      const { faults, operations } = await readStatus(mount.mirror);
      expect(faults[0]?.applied).toBe(5);
      expect(operations["fsync"]?.totalUs).toBeGreaterThan(distribution === "normal" ? 0 : 20_000);
    },
  );

  test("of a bandwidth is that of a slow link", async () => {
    await using mount = await mounted();
    await mount.faults({ type: "bandwidth", ops: "write", bytes_per_sec: 1_000_000 });
    const startedMs = performance.now();
    await writeFile(join(mount.mirror, "a"), Buffer.alloc(300_000));
    expect(performance.now() - startedMs).toBeGreaterThan(295);
  });
});

describe("short reads and writes", () => {
  test("are told to the program, which may go on", async () => {
    await using mount = await mounted("a");
    await mount.faults({ type: "short", max_bytes: 1000 });
    const file = await open(join(mount.mirror, "a"), "r+");
    if (process.env["KIBOSH_CACHED"] !== "1") {
      expect((await file.read(Buffer.alloc(4096), 0, 4096, 0)).bytesRead).toBe(1000);
    }
    expect((await file.write(Buffer.alloc(4096), 0, 4096, 0)).bytesWritten).toBe(1000);
    await file.close();
    const target = await readFile(join(mount.target, "a"));
    expect(target.subarray(0, 1001).filter((byte) => byte === 0).length).toBe(1000);
  });
});

describe("a full disk", () => {
  test("has some bytes left, shows it, and still reads and deletes", async () => {
    await using mount = await mounted("old");
    await mount.faults({ type: "full_disk", available_bytes: 10_000 });
    const { bavail, bsize } = await statfs(mount.mirror);
    expect(bavail * bsize).toBeLessThanOrEqual(10_000);
    const file = await open(join(mount.mirror, "new"), "w");
    expect((await file.write(Buffer.alloc(8000))).bytesWritten).toBe(8000);
    expect((await file.write(Buffer.alloc(8000))).bytesWritten).toBe(2000);
    expect(await errnoOf(file.write(Buffer.alloc(1)))).toBe("ENOSPC");
    expect((await file.write(Buffer.alloc(8000), 0, 8000, 0)).bytesWritten).toBe(8000);
    await file.close();
    expect(await errnoOf(mkdir(join(mount.mirror, "d")))).toBe("ENOSPC");
    expect((await readFile(join(mount.mirror, "old"))).length).toBe(65_536);
    await unlink(join(mount.mirror, "old"));
    await writeFile(join(mount.mirror, "again"), Buffer.alloc(60_000));
  });
});

describe("a read-only file system", () => {
  test("refuses every change and shows everything", async () => {
    await using mount = await mounted("a");
    const handle = await open(join(mount.mirror, "a"), "r+");
    await mount.faults({ type: "read_only" });
    const changes = [
      handle.write("x", 0),
      writeFile(join(mount.mirror, "new"), ""),
      open(join(mount.mirror, "a"), "r+"),
      mkdir(join(mount.mirror, "d")),
      unlink(join(mount.mirror, "a")),
      rename(join(mount.mirror, "a"), join(mount.mirror, "b")),
      chmod(join(mount.mirror, "a"), 0o600),
    ];
    expect(await Promise.all(changes.map(errnoOf))).toEqual(changes.map(() => "EROFS"));
    expect((await readFile(join(mount.mirror, "a"))).length).toBe(65_536);
    await handle.close();
  });
});

describe("a limit of open files", () => {
  test("lets so many be open and no more", async () => {
    await using mount = await mounted("a", "b", "c");
    await mount.faults({ type: "open_limit", limit: 2 });
    const first = await open(join(mount.mirror, "a"));
    const second = await open(join(mount.mirror, "b"));
    expect(await errnoOf(open(join(mount.mirror, "c")))).toBe("EMFILE");
    await first.close();
    await second.close();
  });
});

describe("bit rot", () => {
  test("flips the same bits each time and leaves the target intact", async () => {
    await using mount = await mounted("a");
    await mount.faults({ type: "bit_rot", rate: 0.001 });
    const clean = await readFile(join(mount.target, "a"));
    const rotten = await readFile(join(mount.mirror, "a"));
    const places = [...rotten.keys()].filter((at) => rotten[at] !== clean[at]);
    expect(places.length).toBeGreaterThan(20);
    expect(places.length).toBeLessThan(200);
    expect(await readFile(join(mount.mirror, "a"))).toEqual(rotten);
    const file = await open(join(mount.mirror, "a"));
    const middle = await file.read(Buffer.alloc(5000), 0, 5000, 777);
    await file.close();
    expect(middle.buffer).toEqual(rotten.subarray(777, 5777) as Buffer<ArrayBuffer>);
  });
});

describe("status", () => {
  test("counts what matched and what was applied, and the log names each operation", async () => {
    await using mount = await mounted("a");
    await mount.faults({ type: "error", ops: "open", every: 2 }, { type: "error", ops: "rmdir" });
    for (let i = 0; i < 4; i += 1) await errnoOf(readFile(join(mount.mirror, "a")));
    const status = await readStatus(mount.mirror);
    expect(status.faults.map(({ matched, applied }) => [matched, applied])).toEqual([
      [4, 2],
      [0, 0],
    ]);
    expect(status.generation).toBe(2);
    expect(await mount.log()).toMatch(/fault=0 type=error match=1 op=open path=\/a .*EIO \(5\)/);
    expect((await run("cat", `${mount.mirror}/kibosh_status`)).exitCode).toBe(0);
  });
});
