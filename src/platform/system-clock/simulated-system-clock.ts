// Clocks that go on only when they are told.

import type { SystemClock } from "./system-clock.ts";

export interface SimulatedSystemClock extends SystemClock {
  advanceMs(durationMs: number): void;
  /** How far the wall clock is from where it was at first, but for the time that went by. */
  readonly offsetMs: number;
}

export function simulatedSystemClock(startRealtimeUs = 1.7e15): SimulatedSystemClock {
  let bootUs = 1e9;
  let offsetUs = 0;
  const baseUs = startRealtimeUs - bootUs;
  return {
    realtimeUs: () => baseUs + bootUs + offsetUs,
    bootUs: () => bootUs,
    setRealtimeUs(realtimeUs) {
      offsetUs = realtimeUs - baseUs - bootUs;
    },
    advanceMs(durationMs) {
      bootUs += durationMs * 1000;
    },
    get offsetMs() {
      return offsetUs / 1000;
    },
  };
}
