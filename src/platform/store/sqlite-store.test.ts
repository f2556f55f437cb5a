// What only the store on disk has to prove: who may open it, what a bad folder gets, and that an
// acknowledged commit survives a kill and a power cut. The power cut is the folder rebuilt from the
// writes that were synced, taken from a trace of the program's system calls.

import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { finishedTrace, TracedFolder, tracedCommand } from "../../../test/support/system-calls.ts";
import { openSqliteStore, storeFile } from "./sqlite-store.ts";

const program = resolve(import.meta.dir, "../../../test/support/committing.ts");

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "trogdor-store-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function committing(count: number, sizeBytes: number, end = "leave"): string[] {
  return [process.execPath, program, folder, `${count}`, `${sizeBytes}`, end];
}

async function rejection(work: Promise<unknown>): Promise<string> {
  return await work.then(
    () => "nothing was wrong",
    (error: unknown) => String(error),
  );
}

async function valuesIn(path: string): Promise<Map<string, string>> {
  await using store = closing(await openSqliteStore({ folder: path }));
  return new Map((await store.load()).map(({ key, value }) => [key, value]));
}

function closing<T extends { close(): Promise<void> }>(store: T): T & AsyncDisposable {
  return { ...store, [Symbol.asyncDispose]: () => store.close() };
}

describe("a state folder", () => {
  test("has one daemon at a time; the second is told which process has it", async () => {
    await using first = closing(await openSqliteStore({ folder }));
    expect(await rejection(openSqliteStore({ folder }))).toBe(
      `TrogdorError: The state folder ${folder} is in use by process ${process.pid}: stop that ` +
        "one, or give another --state-dir",
    );
    await first.commit([{ table: "t", key: "k", value: "still works" }]);
  });

  test("is made with its parents, for its owner only", async () => {
    const deep = join(folder, "a b/ü#/c%20d");
    await using _store = closing(await openSqliteStore({ folder: deep }));
    expect(statSync(deep).mode & 0o777).toBe(0o700);
    for (const name of [storeFile, `${storeFile}-wal`]) {
      expect(statSync(join(deep, name)).mode & 0o777).toBe(0o600);
    }
  });

  test("that a killed daemon left has all on disk before it is read", async () => {
    await using killed = closing(await openSqliteStore({ folder }));
    await killed.commit([{ table: "t", key: "k", value: "not synced, for all we know" }]);
    const left = join(folder, "left");
    mkdirSync(left);
    for (const name of [storeFile, `${storeFile}-wal`]) {
      copyFileSync(join(folder, name), join(left, name));
    }
    expect(statSync(join(left, `${storeFile}-wal`)).size).toBeGreaterThan(0);
    await using _store = closing(await openSqliteStore({ folder: left }));
    expect(statSync(join(left, `${storeFile}-wal`)).size).toBe(0);
  });

  test("is its first owner's, across restarts", async () => {
    const open = (owner: string) => openSqliteStore({ folder, owner });
    await (await open("the agent of node ü\ud800")).close();
    expect(await rejection(open("a coordinator"))).toBe(
      `TrogdorError: The state folder ${folder} is that of the agent of node ü\ud800: give ` +
        "another --state-dir",
    );
    await (await open("the agent of node ü\ud800")).close();
  });

  test("of a newer version is refused", async () => {
    const { SQL } = await import("bun");
    await (await openSqliteStore({ folder })).close();
    await using sql = new SQL({ adapter: "sqlite", filename: join(folder, storeFile) });
    await sql`UPDATE store_version SET version = 99`;
    await sql.close();
    expect(await rejection(openSqliteStore({ folder }))).toContain(
      "was written by a newer Trogdor (its format is 99, this version reads up to 1)",
    );
  });

  test.each([
    ["a file", (path: string) => writeFileSync(path, ""), "cannot be written"],
    ["below a file", (path: string) => writeFileSync(join(path, ".."), ""), "cannot be written"],
    ["a database that is no file", (path: string) => mkdirSync(join(path, storeFile)), "cannot be"],
  ])("that is %s is refused in one sentence", async (_name, spoil, says) => {
    const path = join(folder, "file", "state");
    mkdirSync(path, { recursive: true });
    if (says === "cannot be written")
      rmSync(_name === "a file" ? path : join(path, ".."), { recursive: true });
    spoil(path);
    const text = await rejection(openSqliteStore({ folder: path }));
    expect(text).toStartWith(`TrogdorError: The state folder ${path} `);
    expect(text).toContain(says);
    expect(text).not.toContain("\n");
  });

  test("whose path SQLite cannot take is refused", async () => {
    expect(await rejection(openSqliteStore({ folder: join(folder, "a?b") }))).toContain("a?b");
  });

  test.each([
    ["holds something else", () => "this is no database ".repeat(1000)],
    ["was cut", (whole: Buffer) => whole.subarray(0, 6000)],
    [
      "was overwritten",
      (whole: Buffer) =>
        Buffer.concat([whole.subarray(0, 4096), Buffer.alloc(whole.length - 4096, "x")]),
    ],
  ])("whose database %s is refused", async (_name, spoil) => {
    const store = await openSqliteStore({ folder });
    await store.commit(
      Array.from({ length: 100 }, (_, i) => ({ table: "t", key: `${i}`, value: "v".repeat(500) })),
    );
    await store.close();
    const path = join(folder, storeFile);
    writeFileSync(path, spoil(readFileSync(path)));
    expect(await rejection(valuesIn(folder))).toContain(`The state folder ${folder} is damaged`);
  });

  test("keeps its log within bounds", async () => {
    await using store = closing(await openSqliteStore({ folder }));
    let highest = 0;
    for (let index = 0; index < 40; index += 1) {
      const value = `${index}`.padEnd(2000, "v");
      const keys = Array.from({ length: 50 }, (_, key) => `${key}`);
      await store.commit(keys.map((key) => ({ table: "t", key, value })));
      highest = Math.max(highest, statSync(join(folder, `${storeFile}-wal`)).size);
    }
    expect(highest).toBeLessThan(4 << 20);
    expect(statSync(join(folder, storeFile)).size).toBeLessThan(1 << 20);
  });
});

describe("an acknowledged commit", () => {
  test("survives kill -9 at any point", async () => {
    const child = Bun.spawn(committing(100_000, 200), { stdout: "pipe" });
    let said = "";
    for await (const chunk of child.stdout) {
      said += Buffer.from(chunk).toString();
      if (said.split("\n").length > 50) child.kill("SIGKILL");
    }
    await child.exited;
    const acknowledged = said.split("\n").length - 1;
    expect((await valuesIn(folder)).size).toBeGreaterThanOrEqual(acknowledged);
  });

  test("was synced before, and is there when the power is cut at that point", async () => {
    const tracePath = join(folder, "trace");
    const state = join(folder, "state");
    const command = [process.execPath, program, state, "60", "9000", "close"];
    await Bun.spawn(tracedCommand(command, tracePath), { stdout: "ignore" }).exited;
    const traced = new TracedFolder(state);
    let acknowledged = 0;
    let synced = 0;
    for (const call of await finishedTrace(tracePath)) {
      if (call.name === "fdatasync" || call.name === "fsync") synced += 1;
      const said = /^committed (\d+)/.exec(call.name === "write" ? call.data.toString() : "");
      if (said === null) {
        traced.apply(call);
        continue;
      }
      expect(synced).toBeGreaterThan(0);
      synced = 0;
      acknowledged = Number(said[1]) + 1;
      if (acknowledged % 3 !== 0) continue;
      const copy = join(folder, `cut-${acknowledged}`);
      traced.restoreSynced(copy);
      const values = await valuesIn(copy);
      expect([...values.keys()].map(Number).sort((a, b) => a - b)).toEqual(
        Array.from({ length: acknowledged }, (_, index) => index),
      );
      rmSync(copy, { recursive: true });
    }
    expect(acknowledged).toBe(60);
  }, 60_000);

  test("is not said of a commit that the disk had no room for", async () => {
    const limited = ["sh", "-c", 'trap "" XFSZ; ulimit -f 2000; exec "$@"', "sh"];
    const child = Bun.spawn([...limited, ...committing(10_000, 5000)], {
      stdout: "pipe",
      stderr: "pipe",
    });
    const said = await new Response(child.stdout).text();
    expect(await new Response(child.stderr).text()).toContain(`state folder ${folder}`);
    expect(await child.exited).toBe(1);
    const acknowledged = said.split("\n").length - 1;
    expect((await valuesIn(folder)).size).toBe(acknowledged);
  });
});
