// What a process and all its descendants use, read from /proc: whoever hands work to children must
// not look cheaper for it.

import { readdirSync, readFileSync } from "node:fs";

/** Clock ticks a second in /proc/PID/stat: fixed for user space on every Linux platform of ours. */
const TICKS_PER_SEC = 100;

export interface TreeMemory {
  readonly pids: readonly number[];
  /** Sum of the proportional set sizes: a page that two processes share counts once. */
  readonly pssBytes: number;
  /** Sum of the largest resident set each process had so far. */
  readonly rssPeakBytes: number;
}

/** The process and its descendants that live now, it first; empty when it is gone. */
export function processTree(rootPid: number): number[] {
  const tree = [rootPid];
  // The list grows while it is walked: breadth first.
  for (const pid of tree) tree.push(...childrenOf(pid));
  return tree.filter((pid) => readProc(`${pid}/stat`) !== undefined);
}

export function treeMemory(rootPid: number): TreeMemory {
  const pids = processTree(rootPid);
  let pssBytes = 0;
  let rssPeakBytes = 0;
  for (const pid of pids) {
    pssBytes += kilobytes(readProc(`${pid}/smaps_rollup`), "Pss") * 1024;
    // wait4's maximum is no use: it begins with what the parent had when it started the child.
    rssPeakBytes += kilobytes(readProc(`${pid}/status`), "VmHWM") * 1024;
  }
  return { pids, pssBytes, rssPeakBytes };
}

/** CPU time of a process and of its children that ended and were waited for; 0 when it is gone. */
export function cpuSecondsOf(pid: number): number {
  const stat = readProc(`${pid}/stat`);
  if (stat === undefined) return 0;
  // Fields 14 to 17: utime, stime, cutime, cstime. The command in parentheses may hold blanks.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  return ticks / TICKS_PER_SEC;
}

/** Throws on a kernel without the files that list children, where a tree would be cut short. */
export function requireProcessTree(): void {
  if (readProc(`self/task/${process.pid}/children`) !== undefined) return;
  throw new Error("this kernel has no /proc/PID/task/TID/children: expected CONFIG_PROC_CHILDREN");
}

function childrenOf(pid: number): number[] {
  return listProc(`${pid}/task`).flatMap((thread) => {
    const text = readProc(`${pid}/task/${thread}/children`) ?? "";
    return text.split(" ").filter(Boolean).map(Number);
  });
}

function kilobytes(text: string | undefined, field: string): number {
  const match = new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(text ?? "");
  return match === null ? 0 : Number(match[1]);
}

function readProc(path: string): string | undefined {
  try {
    return readFileSync(`/proc/${path}`, "utf8");
  } catch {
    return undefined; // the process has ended
  }
}

function listProc(path: string): string[] {
  try {
    return readdirSync(`/proc/${path}`);
  } catch {
    return []; // the process has ended
  }
}
