// The schedule of a throughput generator: all messages of a window are due when it begins. Windows
// never shift, and after a stall everything that is overdue is due at once. Pure but for the random
// numbers, which are passed in.

import { gaussianCount, type Uniform } from "../gaussian.ts";
import type { ThroughputSpec } from "./throughput-spec.ts";

export interface ThroughputSchedule {
  /** Messages that should be out at `nowUs`; infinite without a limit. */
  due(nowUs: number): number;
  /** When the message should go out, for indexes that ascend and are due. */
  intendedUs(index: number): number;
  /** When the next window begins, as of the last question. */
  readonly nextWindowUs: number;
  /** What the generator means on the average; infinite without a limit. */
  readonly ratePerSec: number;
}

/** Windows that are remembered while messages are behind; beyond it neighbours are taken as one. */
export const OPEN_WINDOWS_MAX = 10_000;

export function createThroughputSchedule(
  spec: ThroughputSpec,
  startUs: number,
  uniform: Uniform,
): ThroughputSchedule {
  const windowUs = Number(spec.windowSizeMs) * 1000;
  if (spec.type === "constant") {
    const count = spec.messagesPerWindow;
    if (count <= 0) return withoutLimit(startUs);
    return windowed(startUs, windowUs, () => count, (count * 1e6) / windowUs);
  }
  const { messagesPerWindowAverage: average, messagesPerWindowDeviation: deviation } = spec;
  const { windowsUntilRateChange } = spec;
  let drawn = 0;
  let windowsLeft = 0;
  const next = () => {
    if (windowsLeft <= 0) {
      drawn = gaussianCount(average, deviation, uniform);
      windowsLeft = windowsUntilRateChange;
    }
    windowsLeft -= 1;
    return drawn;
  };
  return windowed(startUs, windowUs, next, (Math.max(1, average) * 1e6) / windowUs);
}

interface Window {
  readonly startUs: number;
  /** Index of the first message of the window behind it. */
  end: number;
}

function windowed(
  startUs: number,
  windowUs: number,
  nextCount: () => number,
  ratePerSec: number,
): ThroughputSchedule {
  /** Those of which messages may still be asked for. */
  let windows: Window[] = [];
  let first = 0;
  let nextWindowUs = startUs;
  let due = 0;

  function open(): void {
    due += nextCount();
    const last = windows.at(-1);
    if (last !== undefined && windows.length - first >= OPEN_WINDOWS_MAX) last.end = due;
    else windows.push({ startUs: nextWindowUs, end: due });
    nextWindowUs += windowUs;
  }

  return {
    due(nowUs) {
      while (nextWindowUs <= nowUs) open();
      return due;
    },
    intendedUs(index) {
      while (first < windows.length - 1 && windows[first]!.end <= index) first += 1;
      if (first >= OPEN_WINDOWS_MAX) {
        windows = windows.slice(first);
        first = 0;
      }
      return windows[first]?.startUs ?? startUs;
    },
    get nextWindowUs() {
      return nextWindowUs;
    },
    ratePerSec,
  };
}

function withoutLimit(startUs: number): ThroughputSchedule {
  let nowUs = startUs;
  return {
    due(now) {
      nowUs = now;
      return Number.POSITIVE_INFINITY;
    },
    intendedUs: () => nowUs,
    nextWindowUs: startUs,
    ratePerSec: Number.POSITIVE_INFINITY,
  };
}
