// A clock that stands still while there is work and jumps to the next sleeper when there is none:
// minutes of waiting pass in microseconds of a test, in an order that never changes.

import type { Clock } from "./clock.ts";

export interface SimulatedClock extends Clock {
  /** Moves time on without waking anybody: work that takes a while. */
  advance(ms: number): void;
}

interface Sleeper {
  readonly wakeUs: number;
  readonly wake: () => void;
}

export function createSimulatedClock(startMs = 1_700_000_000_000): SimulatedClock {
  const sleepers: Sleeper[] = [];
  let nowUs = 0;
  let isPumping = false;

  function pump(): void {
    if (isPumping || sleepers.length === 0) return;
    isPumping = true;
    // Two turns of the event loop: whoever yields with setImmediate goes first.
    setImmediate(() => setImmediate(wakeNext));
  }

  function wakeNext(): void {
    isPumping = false;
    const next = sleepers.shift();
    if (next === undefined) return;
    nowUs = Math.max(nowUs, next.wakeUs);
    next.wake();
    pump();
  }

  return {
    nowMs: () => startMs + Math.floor(nowUs / 1000),
    nowUs: () => nowUs,
    advance(ms) {
      nowUs += ms * 1000;
    },
    sleep(ms, signal) {
      if (signal?.aborted) return Promise.resolve();
      return new Promise((resolve) => {
        const wake = () => {
          signal?.removeEventListener("abort", onAbort);
          resolve();
        };
        const onAbort = () => {
          sleepers.splice(sleepers.indexOf(sleeper), 1);
          wake();
        };
        const sleeper = { wakeUs: nowUs + Math.max(0, ms) * 1000, wake };
        const later = sleepers.findIndex((other) => other.wakeUs > sleeper.wakeUs);
        sleepers.splice(later < 0 ? sleepers.length : later, 0, sleeper);
        signal?.addEventListener("abort", onAbort);
        pump();
      });
    },
  };
}
