// What Kibosh's faults do: its cases 42 to 63.

import { describe, expect, test } from "bun:test";
import {
  open,
  readdir,
  readFile,
  rename,
  stat,
  truncate,
  unlink,
  writeFile,
} from "node:fs/promises";
import { join } from "node:path";
import type { Fault } from "./fault-schema.ts";
import { readStatus } from "./mounted.ts";
import {
  errnoOf,
  fill,
  type MountedFolder,
  mountFolder,
  nonZeroBytes,
  size64k,
  until,
} from "./mounted-folder.suite.ts";

const clean = nonZeroBytes();
const page = 4096;

async function mounted(...files: readonly string[]): Promise<MountedFolder> {
  return await mountFolder({ prepare: (target) => fill(target, ...files) });
}

async function timed<T>(action: Promise<T>): Promise<{ value: T; ms: number }> {
  const startedMs = performance.now();
  const value = await action;
  return { value, ms: performance.now() - startedMs };
}

async function readAll(file: string): Promise<Buffer> {
  return await readPage(file, 0, size64k);
}

/** How many requests a fault holds up at this moment. */
async function delayedOn({ mirror }: { readonly mirror: string }): Promise<number> {
  return (await readStatus(mirror)).delayed;
}

/** With one request, where no page cache stands in between. */
async function readPage(file: string, offset = 0, size = page): Promise<Buffer> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(size), 0, size, offset);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

function differing(data: Buffer): number {
  return data.reduce((count, byte, index) => count + (byte === clean[index] ? 0 : 1), 0);
}

const unreadable = (code: number | string): Fault => ({ type: "unreadable", prefix: "/foo", code });
const delay = (delay_ms: number, fraction = 1): Fault => ({
  type: "read_delay",
  prefix: "/foo",
  delay_ms,
  fraction,
});

describe("unreadable", () => {
  const codes: [number, string][] = [
    [1, "EPERM"],
    [5, "EIO"],
    [28, "ENOSPC"],
    [30, "EROFS"],
    [110, "ETIMEDOUT"],
    [116, "ESTALE"],
  ];
  test.each(codes)("with code %d fails reads with %s and nothing else", async (code, name) => {
    await using mount = await mounted("foo1");
    const file = join(mount.mirror, "foo1");
    await mount.faults(unreadable(code));
    expect(await errnoOf(readPage(file))).toBe(name);
    await (await open(file)).close();
    await stat(file);
    expect(await readdir(mount.mirror)).toEqual(["foo1"]);
    await truncate(file, 100);
    await rename(file, join(mount.mirror, "foo2"));
    await unlink(join(mount.mirror, "foo2"));
  });

  test("means the same by a negative code", async () => {
    await using mount = await mounted("foo1");
    await mount.faults(unreadable(-28));
    expect(await errnoOf(readPage(join(mount.mirror, "foo1")))).toBe("ENOSPC");
    expect(await mount.log()).toMatch(/type=unreadable .*op=read path=\/foo1 .*ENOSPC \(28\)/);
  });

  test("leaves the end of a file and empty files alone", async () => {
    await using mount = await mounted("foo1");
    await writeFile(join(mount.target, "foo0"), "");
    await mount.faults(unreadable(5));
    expect((await readPage(join(mount.mirror, "foo0"))).length).toBe(0);
    expect((await readPage(join(mount.mirror, "foo1"), size64k)).length).toBe(0);
  });

  test("reaches a file that is open and cached, and leaves it when cleared", async () => {
    await using mount = await mounted("foo1");
    const file = await open(join(mount.mirror, "foo1"));
    const read = () => errnoOf(file.read(Buffer.alloc(page), 0, page, 0));
    expect(await read()).toBe("");
    await mount.faults(unreadable(5));
    expect(await read()).toBe("EIO");
    await mount.set("{}");
    expect(await read()).toBe("");
    await file.close();
  });
});

describe("mapped pages", () => {
  test("see a fault the moment it is set, and their data when it is cleared", async () => {
    await using mount = await mounted("foo1");
    const script = `
import mmap, sys
f = open("${mount.mirror}/foo1", "r+b")
m = mmap.mmap(f.fileno(), 4096)
for line in sys.stdin: print(m[0], flush=True)`;
    const child = Bun.spawn(["python3", "-c", script], { stdin: "pipe", stdout: "pipe" });
    const lines = child.stdout.getReader();
    const touch = async () => {
      child.stdin.write("\n");
      child.stdin.flush();
      // A line may come in pieces.
      let line = "";
      for (let part = await lines.read(); !part.done; part = await lines.read()) {
        line += new TextDecoder().decode(part.value);
        if (line.endsWith("\n")) break;
      }
      return line.trim();
    };
    expect(await touch()).toBe(String(clean[0]));
    await mount.faults({ type: "read_corrupt", prefix: "/foo", mode: 1000, fraction: 1 });
    expect(await touch()).toBe("0");
    await mount.set("{}");
    expect(await touch()).toBe(String(clean[0]));
    await mount.faults(unreadable(5));
    await touch();
    await child.exited;
    expect(child.signalCode).toBe("SIGBUS");
  });
});

describe("unwritable", () => {
  test("writes nothing, and everything but writing goes on", async () => {
    await using mount = await mounted("foo1");
    const file = join(mount.mirror, "foo1");
    await mount.faults({ type: "unwritable", prefix: "/foo", code: 28 });
    const handle = await open(file, "r+");
    expect(await errnoOf(handle.write("xx", size64k))).toBe("ENOSPC");
    expect(await errnoOf(handle.write("xx", 0))).toBe("ENOSPC");
    await handle.close();
    expect(await readFile(join(mount.target, "foo1"))).toEqual(clean);
    expect(await readFile(file)).toEqual(clean);
    await (await open(join(mount.mirror, "foo2"), "w")).close();
    await (await open(file, "w")).close();
    await unlink(file);
  });

  test("of everything does not lock the control file", async () => {
    await using mount = await mounted();
    await mount.faults({ type: "unwritable", prefix: "/", code: 5 }, unreadable(5));
    await mount.faults({ type: "unwritable", code: 5 }, { type: "unreadable", code: 5 });
    expect(await readFile(mount.control, "utf8")).toContain("unwritable");
    await mount.set("{}");
    await writeFile(join(mount.mirror, "foo"), "works");
  });
});

describe("a delay", () => {
  test("holds up matching reads and returns their data", async () => {
    await using mount = await mounted("foo1", "bar");
    await mount.faults(delay(200));
    const slow = await timed(readPage(join(mount.mirror, "foo1")));
    expect(slow.ms).toBeGreaterThanOrEqual(200);
    expect(slow.value).toEqual(clean.subarray(0, page));
  });

  test("holds up no other files", async () => {
    await using mount = await mounted("foo1", "bar");
    await mount.faults(delay(60_000));
    const held = readPage(join(mount.mirror, "foo1"));
    await until(async () => (await delayedOn(mount)) === 1, "a held read");
    expect(await readPage(join(mount.mirror, "bar"))).toEqual(clean.subarray(0, page));
    expect(await delayedOn(mount)).toBe(1);
    await mount.set("{}");
    await held;
  });

  test("holds up writes and loses none", async () => {
    await using mount = await mounted();
    await mount.faults({ type: "write_delay", prefix: "/foo", delay_ms: 200, fraction: 1 });
    const slow = await timed(writeFile(join(mount.mirror, "foo1"), clean));
    expect(slow.ms).toBeGreaterThanOrEqual(200);
    expect(await readFile(join(mount.target, "foo1"))).toEqual(clean);
  });

  test("happens as often as its fraction says, and the same with the same seed", async () => {
    const hits: number[] = [];
    for (let round = 0; round < 2; round += 1) {
      await using mount = await mounted("foo1");
      await mount.faults(delay(1, 0.5));
      for (let i = 0; i < 400; i += 1) await readPage(join(mount.mirror, "foo1"));
      hits.push((await readStatus(mount.mirror)).faults[0]?.applied ?? 0);
      await mount.faults(delay(60_000, 0));
      for (let i = 0; i < 20; i += 1) await readPage(join(mount.mirror, "foo1"));
      expect((await readStatus(mount.mirror)).faults[0]?.applied).toBe(0);
    }
    if (process.env["KIBOSH_CACHED"] !== "1") {
      expect(hits[0]).toBeGreaterThan(140);
      expect(hits[0]).toBeLessThan(260);
    }
    expect(hits[0]).toBe(hits[1]);
  });

  test("of several requests passes at the same time", async () => {
    const files = Array.from({ length: 8 }, (_, index) => `foo${index}`);
    await using mount = await mounted(...files, "bar");
    await mount.faults(delay(1_000));
    // Programs of their own: this runtime has few threads to wait in.
    const reads = files.map((file) => Bun.$`cat ${join(mount.mirror, file)}`.quiet());
    const slow = timed(Promise.all(reads));
    await readPage(join(mount.mirror, "bar"));
    // Each cat reads twice; the second read finds the end and is not held up.
    expect((await slow).ms).toBeWithin(1_000, 8_000);
  });

  test("ends when its fault is cleared", async () => {
    await using mount = await mounted("foo1");
    await mount.faults(delay(60_000));
    const read = timed(readPage(join(mount.mirror, "foo1")));
    await until(async () => (await delayedOn(mount)) === 1, "a held read");
    await mount.set("{}");
    expect((await read).value).toEqual(clean.subarray(0, page));
    expect((await read).ms).toBeLessThan(50_000);
  });

  const held: [string, (file: string) => string[]][] = [
    ["read", (file) => ["cat", file]],
    ["write", (file) => ["sh", "-c", `echo x >> ${file}`]],
  ];
  test.each(held)("ends when its process is killed in a %s", async (_, command) => {
    await using mount = await mounted("foo1");
    const write: Fault = { type: "write_delay", prefix: "/foo", delay_ms: 60_000, fraction: 1 };
    await mount.faults(delay(60_000), write);
    const child = Bun.spawn(command(join(mount.mirror, "foo1")), { stdout: "ignore" });
    await until(async () => (await delayedOn(mount)) >= 1, "a held request");
    child.kill("SIGKILL");
    expect((await timed(child.exited)).ms).toBeLessThan(50_000);
  });
});

describe("corruption of reads", () => {
  const corrupt = (mode: number, fraction: number, count = -1): Fault => ({
    type: "read_corrupt",
    prefix: "/foo",
    mode: mode as 1000,
    fraction,
    count,
  });

  test("1000 zeroes what is read and changes nothing on the target", async () => {
    await using mount = await mounted("foo1");
    const file = join(mount.mirror, "foo1");
    await mount.faults(corrupt(1000, 1));
    expect(await readFile(file)).toEqual(Buffer.alloc(size64k));
    expect(await readFile(join(mount.target, "foo1"))).toEqual(clean);
    await mount.set("{}");
    expect(await readFile(file)).toEqual(clean);
  });

  test("1000 and 1001 hit the asked share of the bytes", async () => {
    await using mount = await mounted("foo1");
    for (const mode of [1000, 1001]) {
      await mount.faults(corrupt(mode, 0.3));
      const share = differing(await readFile(join(mount.mirror, "foo1"))) / size64k;
      expect(share).toBeGreaterThan(0.25);
      expect(share).toBeLessThan(0.35);
    }
  });

  test("1100 and 1101 keep a front and spoil the rest", async () => {
    await using mount = await mounted("foo1");
    for (const mode of [1100, 1101]) {
      await mount.faults(corrupt(mode, 1));
      const data = await readAll(join(mount.mirror, "foo1"));
      const first = data.findIndex((byte, index) => byte !== clean[index]);
      expect(first).toBeGreaterThanOrEqual(0);
      const spoilt = differing(data);
      if (mode === 1100) expect(spoilt).toBe(size64k - first);
      else expect(spoilt).toBeGreaterThan((size64k - first) * 0.9);
    }
  });

  test("1200 cuts, and changes nothing of what is left", async () => {
    await using mount = await mounted("foo1");
    await mount.faults(corrupt(1200, 1));
    const data = await readAll(join(mount.mirror, "foo1"));
    expect(data.length).toBeLessThan(size64k);
    expect(data).toEqual(clean.subarray(0, data.length));
  });

  test("cuts for good after its count", async () => {
    await using mount = await mounted();
    await writeFile(join(mount.target, "foo1"), clean.subarray(0, page));
    await mount.faults(corrupt(1000, 1, 2));
    const reads: Buffer[] = [];
    for (let i = 0; i < 3; i += 1) reads.push(await readPage(join(mount.mirror, "foo1")));
    expect(reads[0]).toEqual(Buffer.alloc(page));
    expect(reads[1]).toEqual(Buffer.alloc(page));
    expect(reads[2]?.length).toBeLessThan(page);
    expect(reads[2]).toEqual(clean.subarray(0, reads[2]?.length));
  });
});

describe("corruption of writes", () => {
  test("reports everything as written and stores the damage", async () => {
    await using mount = await mounted();
    await mount.faults({
      type: "write_corrupt",
      prefix: "/foo",
      mode: 1000,
      fraction: 1,
      count: -1,
    });
    await writeFile(join(mount.mirror, "foo1"), clean);
    expect(await readFile(join(mount.target, "foo1"))).toEqual(Buffer.alloc(size64k));
    await mount.faults({ type: "write_corrupt", mode: 1001, fraction: 0.3 });
    await writeFile(join(mount.mirror, "foo1"), clean);
    const stored = await readFile(join(mount.target, "foo1"));
    expect(stored.length).toBe(size64k);
    expect(differing(stored) / size64k).toBeGreaterThan(0.25);
    expect(differing(stored) / size64k).toBeLessThan(0.35);
  });

  test("counts its writes", async () => {
    await using mount = await mounted();
    await mount.faults({
      type: "write_corrupt",
      prefix: "/foo",
      mode: 1000,
      fraction: 1,
      count: 2,
    });
    const file = await open(join(mount.mirror, "foo1"), "w");
    for (let i = 0; i < 5; i += 1) {
      expect((await file.write(clean, 0, page, i * page)).bytesWritten).toBe(page);
    }
    await file.close();
    const stored = await readFile(join(mount.target, "foo1"));
    expect(stored.subarray(0, 2 * page)).toEqual(Buffer.alloc(2 * page));
    expect(stored[2 * page]).toBe(clean[0]!);
  });
});

describe("of several faults", () => {
  const lists: [string, Fault[], boolean, string][] = [
    ["a delay hides the error behind it", [delay(100), unreadable(5)], true, ""],
    ["an error hides the delay behind it", [unreadable(5), delay(60_000)], false, "EIO"],
    ["a delay that never happens hides nothing", [delay(60_000, 0), unreadable(5)], false, "EIO"],
    ["the first error wins", [unreadable(5), unreadable(28)], false, "EIO"],
    [
      "directions do not compete",
      [{ type: "unwritable", prefix: "/foo", code: 28 }, unreadable(5)],
      false,
      "EIO",
    ],
    [
      "a delay that goes on lets the error follow",
      [{ type: "delay", ops: "read", delay_ms: 100, continue: true }, unreadable(5)],
      true,
      "EIO",
    ],
  ];
  test.each(lists)("%s", async (_, faults, isSlow, error) => {
    await using mount = await mounted("foo1");
    await mount.faults(...faults);
    const { value, ms } = await timed(errnoOf(readPage(join(mount.mirror, "foo1"))));
    expect(value).toBe(error);
    if (isSlow) expect(ms).toBeGreaterThanOrEqual(100);
    else expect(ms).toBeLessThan(50_000);
  });

  test("each meets what is for it: writes the one, reads the other", async () => {
    await using mount = await mounted("foo1");
    await mount.faults({ type: "unwritable", prefix: "/foo", code: 28 }, unreadable(5));
    const file = await open(join(mount.mirror, "foo1"), "r+");
    expect(await errnoOf(file.write("xx", 0))).toBe("ENOSPC");
    expect(await errnoOf(file.read(Buffer.alloc(10), 0, 10, 0))).toBe("EIO");
    await file.close();
  });
});
