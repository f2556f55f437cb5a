// The real clocks of the node, by the C library.

import { TrogdorError } from "../../core/trogdor-error.ts";
import { openLibc } from "../libc/libc.ts";
import type { SystemClock } from "./system-clock.ts";

const CLOCK_REALTIME = 0;
const CLOCK_BOOTTIME = 7;

export const realSystemClock: SystemClock = {
  realtimeUs: () => readUs(CLOCK_REALTIME),
  bootUs: () => readUs(CLOCK_BOOTTIME),
  setRealtimeUs(realtimeUs) {
    const seconds = Math.floor(realtimeUs / 1e6);
    const nanoseconds = Math.round(realtimeUs - seconds * 1e6) * 1000;
    const time = BigInt64Array.of(BigInt(seconds), BigInt(nanoseconds));
    if (openLibc()?.clock_settime(CLOCK_REALTIME, time) === 0) return;
    const message = "the clock cannot be set: that needs root, outside of most containers";
    throw new TrogdorError("task", message);
  },
};

function readUs(clock: number): number {
  const time = new BigInt64Array(2);
  if (openLibc()?.clock_gettime(clock, time) !== 0) throw new Error("the clock cannot be read");
  return Number(time[0]) * 1e6 + Number(time[1]) / 1000;
}
