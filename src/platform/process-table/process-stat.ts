// What /proc/PID/stat says, also of a thread: the kernel's letter for its state, and the time of
// its start, by which a pid that is used again is told apart.

import { readFileSync } from "node:fs";

export interface ProcessStat {
  /** R, S, D, T (stopped), Z (dead, not yet collected) ... */
  readonly state: string;
  /** Clock ticks from boot to its start. */
  readonly startTicks: number;
}

/** Throws when there is no such file. */
export function readProcessStat(file: string): ProcessStat {
  const text = readFileSync(file, "utf8");
  // The second field is the command in parentheses and may itself hold blanks and parentheses.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return { state: fields[0] ?? "", startTicks: Number(fields[19]) };
}

/** A zombie counts as gone. */
export function hasEnded({ state }: ProcessStat): boolean {
  return state === "Z" || state === "X";
}
