// What the file system costs with 10,000 files open and nothing asked of it: memory of both of its
// processes, processor time over some seconds, and how large the helper is.

import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
} from "node:fs";
import { join } from "node:path";
import type { FileSystem } from "./mounts.ts";
import type { Idle } from "./verdicts.ts";

const FILES = 10_000;

export async function measureIdle(
  system: FileSystem,
  helper: string,
  parent: string,
  seconds: number,
): Promise<Idle> {
  const folder = mkdtempSync(join(parent, "kibosh-idle-"));
  const [target, mountpoint] = [join(folder, "target"), join(folder, "mount")];
  for (const each of [target, mountpoint]) mkdirSync(each);
  const mounted = await system.mount(target, mountpoint);
  const open: number[] = [];
  try {
    for (let i = 0; i < FILES; i += 1) open.push(openSync(join(mounted.folder, `${i}`), "w"));
    await Bun.sleep(1000);
    const before = mounted.cpuSeconds();
    await Bun.sleep(seconds * 1000);
    const cpuPercent = ((mounted.cpuSeconds() - before) / seconds) * 100;
    const memoryMb = (pssKb(mounted.pid) + pssKb(parentOf(mounted.pid))) / 1024;
    return { memoryMb, cpuPercent, helperKb: statSync(helper).size / 1024 };
  } finally {
    for (const file of open) closeSync(file);
    await mounted.end();
    rmSync(folder, { recursive: true, force: true });
  }
}

function pssKb(pid: number): number {
  return Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))?.[1]);
}

function parentOf(pid: number): number {
  return Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
}
