// A small file system in memory to fill, and processes that take little.

import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { realProcessTable } from "../../../platform/process-table/real-process-table.ts";
import type { MakeScene } from "../../fault-scene.suite.ts";

const sizeMib = 100;

export const makeScene: MakeScene = async () => {
  const folder = mkdtempSync(join(tmpdir(), "trogdor-stress-"));
  await run("mount", "-t", "tmpfs", "-o", `size=${sizeMib}m`, "trogdor-test", folder);
  const stressors = async () => {
    const all = await realProcessTable.list();
    const isOfThisTest = (one: { command: readonly string[] }) =>
      one.command.at(-1)?.startsWith("trogdor-stress-") === true;
    return all.filter(isOfThisTest);
  };
  const kill = async (count: number) => {
    for (const one of (await stressors()).slice(0, count)) process.kill(one.pid, "SIGKILL");
  };
  return {
    spec: {
      class: "ResourceStressFault",
      durationMs: 60_000,
      nodeNames: ["a"],
      cpus: 2,
      cpuPercent: 1,
      memoryBytes: 8 * 1024 * 1024,
      diskPath: folder,
      diskPercent: 40,
      openFiles: 100,
    },
    node: "a",
    nodes: { a: "192.0.2.1" },
    picture: async () => `${(await stressors()).length} stressors, ${readdirSync(folder).join()}`,
    removeEffect: () => kill(1),
    vanish: async () => {
      await kill(Number.POSITIVE_INFINITY);
      await run("umount", folder);
    },
    async [Symbol.asyncDispose]() {
      await run("umount", folder).catch(() => {});
      rmSync(folder, { recursive: true, force: true });
    },
  };
};

async function run(...command: readonly string[]): Promise<void> {
  const child = Bun.spawn([...command], { stdio: ["ignore", "ignore", "ignore"] });
  if ((await child.exited) !== 0) throw new Error(`${command.join(" ")} failed`);
}
