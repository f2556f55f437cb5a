// Many files and many threads in one mount.

import { describe, expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { readStatus } from "./mounted.ts";
import { mountFolder, run } from "./mounted-folder.suite.ts";

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
});
