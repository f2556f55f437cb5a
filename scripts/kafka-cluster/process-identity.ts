// Which process a pid stands for: the pid together with its start time, because the kernel hands a
// pid out again. Nothing here signals a process unless both still match.

import { readFileSync } from "node:fs";

export interface ProcessIdentity {
  readonly pid: number;
  /** Field 22 of /proc/PID/stat: clock ticks from boot to the start of the process. */
  readonly startTicks: number;
}

interface ProcessStat {
  readonly startTicks: number;
  /** The kernel's one-letter state: R, S, D, T (stopped), Z (dead, not yet reaped) ... */
  readonly stateLetter: string;
}

/** The process that has this pid now, or undefined when there is none. */
export function identifyProcess(pid: number): ProcessIdentity | undefined {
  const stat = readStat(pid);
  return stat === undefined ? undefined : { pid, startTicks: stat.startTicks };
}

/** True while that very process lives; a zombie counts as gone. */
export function isAlive(identity: ProcessIdentity): boolean {
  return liveStat(identity) !== undefined;
}

/** True when that very process lives and a SIGSTOP holds it. */
export function isPaused(identity: ProcessIdentity): boolean {
  return liveStat(identity)?.stateLetter === "T";
}

/** Signals that very process; false when it is gone already. */
export function signalProcess(identity: ProcessIdentity, signal: NodeJS.Signals): boolean {
  if (!isAlive(identity)) return false;
  try {
    process.kill(identity.pid, signal);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ESRCH") return false;
    throw error;
  }
}

/** Waits until the process is gone; false when the time is over first. */
export async function waitForExit(identity: ProcessIdentity, timeoutMs: number): Promise<boolean> {
  const deadlineMs = performance.now() + timeoutMs;
  while (isAlive(identity)) {
    if (performance.now() >= deadlineMs) return false;
    await Bun.sleep(20);
  }
  return true;
}

/**
 * Ends the process: SIGTERM, then SIGKILL after `graceMs`. A paused process is killed at once,
 * since it cannot answer SIGTERM. Throws when it is still there at the end.
 */
export async function endProcess(identity: ProcessIdentity, graceMs: number): Promise<void> {
  if (graceMs > 0 && !isPaused(identity)) {
    if (!signalProcess(identity, "SIGTERM")) return;
    if (await waitForExit(identity, graceMs)) return;
  }
  signalProcess(identity, "SIGKILL");
  if (!(await waitForExit(identity, 10_000))) {
    throw new Error(`process ${identity.pid} is still there 10 s after SIGKILL`);
  }
}

function liveStat(identity: ProcessIdentity): ProcessStat | undefined {
  const stat = readStat(identity.pid);
  if (stat === undefined || stat.startTicks !== identity.startTicks) return undefined;
  return stat.stateLetter === "Z" || stat.stateLetter === "X" ? undefined : stat;
}

function readStat(pid: number): ProcessStat | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    return undefined; // no such process
  }
  // The second field is the command in parentheses and may itself hold spaces and parentheses.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return { stateLetter: fields[0] ?? "", startTicks: Number(fields[19]) };
}
