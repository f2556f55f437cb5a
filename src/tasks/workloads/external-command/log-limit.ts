// Bounds how much of what a process says gets into the log.

import type { Clock } from "../../../platform/clock/clock.ts";
import type { Log } from "../../../platform/log/log.ts";

/** For each second. Enough to follow what goes on, too few to fill a disk. */
const LINES_PER_SEC = 100;

export interface LogLimit {
  write(line: () => void): void;
}

export function createLogLimit(log: Log, clock: Clock): LogLimit {
  let second = 0;
  let count = 0;
  return {
    write(line) {
      const now = Math.floor(clock.nowUs() / 1e6);
      if (now !== second) {
        const dropped = count - LINES_PER_SEC;
        if (dropped > 0) log.warn("Lines of a worker were left out of the log", { dropped });
        second = now;
        count = 0;
      }
      count += 1;
      if (count <= LINES_PER_SEC) line();
    },
  };
}
