// The shipped file carries its native programs in itself: alone in a folder it starts a program,
// and ends it with what it started, however it ends itself.

import { afterAll, beforeAll, expect, test } from "bun:test";
import { copyFileSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  isAlive,
  processesMarked,
  until,
} from "../../src/platform/processes/process-watch.suite.ts";
import { root } from "../tidy/source-files.ts";

const built = join(root, "dist/trogdor");
let folder: string;

beforeAll(() => {
  if (!existsSync(built)) throw new Error("there is no dist/trogdor: run scripts/build first");
  folder = mkdtempSync(join(tmpdir(), "trogdor-smoke-external-"));
  copyFileSync(built, join(folder, "trogdor"));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function start(command: readonly string[], mark: string) {
  const spec = JSON.stringify({ class: "ExternalCommand", durationMs: 600_000, command });
  return Bun.spawn(["./trogdor", "exec", spec, "--json"], {
    cwd: folder,
    env: { PATH: "/usr/bin:/bin", HOME: folder, TMPDIR: folder, MARK: mark },
    stdio: ["ignore", "pipe", "ignore"],
    timeout: 60_000,
  });
}

test("runs a program", async () => {
  const trogdor = start(["sh", "-c", `read -r line; echo "{\\"status\\":$line}"`], "smoke");
  expect(await new Response(trogdor.stdout).json()).toEqual({ id: "task0", workload: null });
  expect(await trogdor.exited).toBe(0);
  expect(readdirSync(folder)).toEqual(["trogdor"]);
});

test("takes all with it when it is killed", async () => {
  const mark = `smoke-${process.pid}`;
  const trogdor = start(["sh", "-c", "setsid sleep 1000 & exec sleep 1000"], mark);
  await until("all run", () => {
    const names = processesMarked(`MARK=${mark}`).map(({ name }) => name);
    return names.filter((name) => name === "sleep").length === 2;
  });
  const all = processesMarked(`MARK=${mark}`);
  trogdor.kill("SIGKILL");
  await until("all are gone", () => !all.some(isAlive));
  expect(processesMarked(`MARK=${mark}`)).toEqual([]);
});
