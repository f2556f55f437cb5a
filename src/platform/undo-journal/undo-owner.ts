// Who this process is for the journal, and whether another owner still lives.

import { readFileSync, readlinkSync } from "node:fs";
import { hasEnded, readProcessStat } from "../process-table/process-stat.ts";
import { realSystemClock } from "../system-clock/real-system-clock.ts";
import type { UndoOwner } from "./undo-journal.ts";

export function thisOwner(): UndoOwner {
  return {
    bootId: readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim(),
    networkNamespace: readlinkSync("/proc/self/ns/net"),
    pid: process.pid,
    startTicks: startTicksOf(process.pid) ?? 0,
  };
}

/** True while that very process lives; a zombie counts as gone. */
export function isOwnerAlive({ pid, startTicks }: UndoOwner): boolean {
  return startTicksOf(pid) === startTicks;
}

/**
 * The boot clock in microseconds: it goes on while the machine sleeps and never steps. The guard
 * asks the kernel for it; in some containers the file tells of the container instead.
 */
export function bootTimeUs(): number {
  try {
    return realSystemClock.bootUs();
  } catch {
    return Number(readFileSync("/proc/uptime", "utf8").split(" ")[0]) * 1e6;
  }
}

function startTicksOf(pid: number): number | undefined {
  try {
    const stat = readProcessStat(`/proc/${pid}/stat`);
    return hasEnded(stat) ? undefined : stat.startTicks;
  } catch {
    return undefined;
  }
}
