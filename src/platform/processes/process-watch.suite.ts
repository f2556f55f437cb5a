// For tests with real processes: tells them apart for good (pid and start time), and waits until
// they are gone without sleeping for a fixed time.

import { readdirSync, readFileSync } from "node:fs";

export interface SeenProcess {
  readonly pid: number;
  readonly startTime: string;
  readonly name: string;
}

/** What the process is now; undefined when it is gone or only waits to be collected. */
export function seenProcess(pid: number): SeenProcess | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    const name = text.slice(text.indexOf("(") + 1, text.lastIndexOf(")"));
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" ? undefined : { pid, startTime: fields[19] ?? "", name };
  } catch {
    return undefined;
  }
}

export function isAlive({ pid, startTime }: SeenProcess): boolean {
  return seenProcess(pid)?.startTime === startTime;
}

/** All processes with that text in their environment, whoever their parents are. */
export function processesMarked(mark: string): SeenProcess[] {
  return readdirSync("/proc")
    .map(Number)
    .filter((pid) => pid > 0 && hasMark(pid, mark))
    .flatMap((pid) => seenProcess(pid) ?? []);
}

function hasMark(pid: number, mark: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, "latin1").includes(mark);
  } catch {
    return false;
  }
}

/** Throws when the condition does not hold within the bound. */
export async function until(
  what: string,
  condition: () => boolean,
  withinMs = 40_000,
): Promise<void> {
  const endMs = performance.now() + withinMs;
  while (!condition()) {
    if (performance.now() > endMs) throw new Error(`not within ${withinMs} ms: ${what}`);
    await Bun.sleep(2);
  }
}
