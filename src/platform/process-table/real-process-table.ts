// The process table of the real node, read from /proc.

import { readdirSync, readFileSync } from "node:fs";
import { errorText, TrogdorError } from "../../core/trogdor-error.ts";
import { hasEnded, type ProcessStat, readProcessStat } from "./process-stat.ts";
import type { ProcessIdentity, ProcessTable, RunningProcess } from "./process-table.ts";

export const realProcessTable: ProcessTable = {
  async list() {
    const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
    const found = pids.map((pid) => readProcess(Number(pid)));
    return found.filter((one) => one !== undefined).toSorted((a, b) => a.pid - b.pid);
  },
  async threadStates(identity) {
    if (!isAlive(identity)) return [];
    const folder = `/proc/${identity.pid}/task`;
    const threads = attempt(() => readdirSync(folder)) ?? [];
    const states = threads.map((thread) => readStat(`${folder}/${thread}/stat`)?.state);
    return isAlive(identity) ? states.filter((state) => state !== undefined) : [];
  },
  async signal(identity, signal) {
    if (!isAlive(identity)) return false;
    try {
      process.kill(identity.pid, signal as NodeJS.Signals);
      return true;
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "ESRCH") return false;
      const why = errorText(error);
      const message = `process ${identity.pid} could not be sent ${signal}: ${why}`;
      throw new TrogdorError("task", message, { cause: error });
    }
  },
};

function readProcess(pid: number): RunningProcess | undefined {
  const stat = readStat(`/proc/${pid}/stat`);
  if (stat === undefined || hasEnded(stat)) return undefined;
  const text = attempt(() => readFileSync(`/proc/${pid}/cmdline`, "utf8")) ?? "";
  const command = text === "" ? [] : text.replace(/\0$/, "").split("\0");
  const { startTicks } = stat;
  return { pid, startTicks, command, isJvm: isJvm(pid), isOurs: isOurs(pid) };
}

/** A JVM, whatever its program is called, has libjvm mapped. */
function isJvm(pid: number): boolean {
  const maps = attempt(() => readFileSync(`/proc/${pid}/maps`, "utf8")) ?? "";
  return /\/libjvm\.so(?: \(deleted\))?$/m.test(maps);
}

/**
 * This process, a daemon or a guard of ours whatever stands in its arguments, or one that an agent
 * started (it has TROGDOR_WORKER in its environment).
 */
function isOurs(pid: number): boolean {
  if (pid === process.pid || pid === process.ppid) return true;
  const program = attempt(() => readFileSync(`/proc/${pid}/comm`, "utf8")) ?? "";
  if (program.startsWith("trogdor")) return true;
  const environment = attempt(() => readFileSync(`/proc/${pid}/environ`, "utf8")) ?? "";
  return environment.startsWith("TROGDOR_WORKER=") || environment.includes("\0TROGDOR_WORKER=");
}

function isAlive({ pid, startTicks }: ProcessIdentity): boolean {
  const stat = readStat(`/proc/${pid}/stat`);
  return stat?.startTicks === startTicks && !hasEnded(stat);
}

function readStat(file: string): ProcessStat | undefined {
  return attempt(() => readProcessStat(file));
}

/** What belongs to a process that ends meanwhile is not there any more. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
