// Processes that a test starts to have them suspended or killed. Some look like a JVM: they have a
// library of that name mapped, which is all that tells a JVM.

import { copyFileSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RunningProcess } from "../platform/process-table/process-table.ts";
import { realProcessTable } from "../platform/process-table/real-process-table.ts";

export interface Victim {
  readonly pid: number;
  /** An argument that no other process has. */
  readonly mark: string;
  /** "running", "stopped" or "gone". */
  state(): Promise<string>;
  kill(signal: NodeJS.Signals): void;
  [Symbol.asyncDispose](): Promise<void>;
}

let made = 0;

export interface VictimOptions {
  readonly asJvm: boolean;
  /** Another one whose mark begins this one's. */
  readonly beside?: Victim;
}

export async function startVictim(options: VictimOptions): Promise<Victim> {
  made += 1;
  // `sleep` takes fractions: a mark that is a number.
  const mark = `${options.beside?.mark ?? `5000.${process.pid}`}${String(made).padStart(4, "0")}`;
  const folder = mkdtempSync(join(tmpdir(), "trogdor-victim-"));
  const library = join(folder, "libjvm.so");
  if (options.asJvm) copyFileSync(someLibrary(), library);
  const child = Bun.spawn(["setpriv", "--pdeathsig", "KILL", "sleep", mark], {
    stdio: ["ignore", "ignore", "ignore"],
    env: { PATH: process.env["PATH"] ?? "", ...(options.asJvm ? { LD_PRELOAD: library } : {}) },
  });
  const find = async () =>
    (await realProcessTable.list()).find(
      (one) => one.pid === child.pid && one.command[0] === "sleep",
    );
  let found = await find();
  while (found === undefined || found.isJvm !== options.asJvm) {
    if (child.exitCode !== null) throw new Error("the victim did not start");
    await Bun.sleep(2);
    found = await find();
  }
  const identity = found;
  return {
    pid: child.pid,
    mark,
    async state() {
      const states = await realProcessTable.threadStates(identity);
      if (states.length === 0) return "gone";
      return states.every((state) => state === "T") ? "stopped" : "running";
    },
    kill: (signal) => child.kill(signal),
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await child.exited;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function someLibrary(): string {
  for (const folder of ["/lib/x86_64-linux-gnu", "/lib/aarch64-linux-gnu", "/lib64", "/usr/lib"]) {
    if (!existsSync(folder)) continue;
    const name = readdirSync(folder).find((file) => /^libdl\.so\.2$|^libm\.so\.6$/.test(file));
    if (name !== undefined) return join(folder, name);
  }
  throw new Error("no shared library found to stand for libjvm.so");
}

/** A command that starts a process with that mark and returns. */
export function restartOf(mark: string): string[] {
  return ["sh", "-c", `sleep ${mark} </dev/null >/dev/null 2>&1 &`];
}

/** The processes with that mark, whoever started them. */
export async function startedAs(mark: string): Promise<readonly RunningProcess[]> {
  const all = await realProcessTable.list();
  return all.filter(({ command }) => command[0] === "sleep" && command[1] === mark);
}
