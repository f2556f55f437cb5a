// The file systems that are measured: the plain folder, ours in its modes, and programs that the
// user built: a C Kibosh, and libfuse's passthrough_hp.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Subprocess, spawn } from "bun";
import { helperArguments, type MountOptions } from "../../../kibosh/mount-options.ts";
import { readStatus, writeControl } from "../../../kibosh/mounted.ts";

export interface Mounted {
  /** Where the jobs run. */
  readonly folder: string;
  /** The process that serves it; 0 for a plain folder. */
  readonly pid: number;
  /** CPU seconds of the file system's process so far; 0 for a plain folder. */
  cpuSeconds(): number;
  end(): Promise<void>;
}

export interface FileSystem {
  readonly name: string;
  mount(target: string, mountpoint: string): Promise<Mounted>;
}

export const plainFolder: FileSystem = {
  name: "native",
  mount: async (target) => ({ folder: target, pid: 0, cpuSeconds: () => 0, end: async () => {} }),
};

export function ours(
  name: string,
  helper: string,
  options: Partial<MountOptions>,
  faults?: string,
): FileSystem {
  return {
    name,
    async mount(target, mountpoint) {
      // In the foreground as the others: a session of its own would be scheduled apart from them.
      const all = { target, mountpoint, foreground: true, ...options };
      const child = spawn([helper, ...helperArguments(all)], {
        stdout: "ignore",
        stderr: "ignore",
      });
      await untilMounted(child, mountpoint, "kibosh_control");
      if (faults !== undefined) await writeControl(mountpoint, faults);
      const { pid } = await readStatus(mountpoint);
      return {
        folder: mountpoint,
        cpuSeconds: () => cpuSecondsOf(pid),
        pid,
        async end() {
          await Bun.$`umount ${mountpoint}`.quiet();
          await child.exited;
        },
      };
    },
  };
}

/** A hundred faults of which none matches what the jobs do. */
export const idleFaults = JSON.stringify({
  faults: Array.from({ length: 100 }, (_, index) => ({
    type: "error",
    ops: "*",
    prefix: `/elsewhere-${index}/`,
  })),
});

/** Kibosh in C: its options, and in the foreground so that its process is known. */
export function cKibosh(path: string): FileSystem {
  const argumentsOf = (target: string, mountpoint: string) => [
    path,
    ...["-f", "--target", target, "--log", "/dev/null", mountpoint],
  ];
  return foreign("C Kibosh", argumentsOf, "kibosh_control");
}

/** libfuse's example; its own way to cache is to write back, and to keep everything for a day. */
export function passthroughHp(path: string, caches: boolean): FileSystem {
  const argumentsOf = (target: string, mountpoint: string) => [
    ...[path, "--foreground", "--nosplice", ...(caches ? [] : ["--nocache"])],
    ...[target, mountpoint],
  ];
  return foreign(caches ? "passthrough_hp" : "passthrough_hp --nocache", argumentsOf);
}

/** libfuse's other example, with direct I/O or with a page cache. */
export function passthroughLl(path: string, cache: "never" | "auto"): FileSystem {
  const argumentsOf = (target: string, mountpoint: string) => [
    ...[path, "-f", "-o", `source=${target},cache=${cache},timeout=1,default_permissions`],
    mountpoint,
  ];
  return foreign(`passthrough_ll cache=${cache}`, argumentsOf);
}

function foreign(
  name: string,
  argumentsOf: (target: string, mountpoint: string) => string[],
  sign?: string,
): FileSystem {
  return {
    name,
    async mount(target, mountpoint) {
      const child = spawn(argumentsOf(target, mountpoint), { stdout: "ignore", stderr: "ignore" });
      await untilMounted(child, mountpoint, sign);
      return {
        folder: mountpoint,
        pid: child.pid,
        cpuSeconds: () => cpuSecondsOf(child.pid),
        async end() {
          await Bun.$`umount ${mountpoint}`.quiet();
          await child.exited;
        },
      };
    },
  };
}

async function untilMounted(child: Subprocess, mountpoint: string, sign?: string): Promise<void> {
  for (let waitedMs = 0; waitedMs < 5000; waitedMs += 20) {
    const isThere = readFileSync("/proc/self/mountinfo", "utf8").includes(` ${mountpoint} `);
    if (isThere && (sign === undefined || existsSync(join(mountpoint, sign)))) return;
    if (child.exitCode !== null) break;
    await Bun.sleep(20);
  }
  throw new Error(`${mountpoint} was not mounted`);
}

function cpuSecondsOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /, "")
    .split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}
