// Which processes of the node are ours: those never match a fault.

import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Subprocess } from "bun";
import { realProcessTable } from "./real-process-table.ts";

let folder: string;
const children: Subprocess[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "trogdor-table-"));
});
afterEach(async () => {
  for (const child of children.splice(0)) {
    child.kill("SIGKILL");
    await child.exited;
  }
  rmSync(folder, { recursive: true });
});

/** Whether a program of that name is ours; it has the same arguments as all others. */
async function isOurs(name: string, environment: Record<string, string> = {}): Promise<boolean> {
  const program = join(folder, name);
  copyFileSync(Bun.which("sleep")!, program);
  const child = Bun.spawn([program, "1000"], {
    env: { PATH: process.env["PATH"] ?? "", ...environment },
    stdio: ["ignore", "ignore", "ignore"],
  });
  children.push(child);
  for (;;) {
    const all = await realProcessTable.list();
    const found = all.find(({ pid, command }) => pid === child.pid && command[1] === "1000");
    if (found !== undefined) return found.isOurs;
    await Bun.sleep(2);
  }
}

describe("a process is ours", () => {
  test.each([
    ["trogdor", true],
    ["trogdor-guard", true],
    ["kafka", false],
  ])("that is called %s: %p", async (name, expected) => {
    expect(await isOurs(name)).toBe(expected);
  });

  test("that an agent has started", async () => {
    expect(await isOurs("kafka", { TROGDOR_WORKER: "token" })).toBe(true);
  });

  test("that is this one", async () => {
    const all = await realProcessTable.list();
    expect(all.find(({ pid }) => pid === process.pid)?.isOurs).toBe(true);
  });
});
