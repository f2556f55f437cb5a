// The machine's own clocks.

import type { Clock } from "./clock.ts";

export const realClock: Clock = {
  nowMs: () => Date.now(),
  nowUs: () => performance.now() * 1000,
  sleep(ms, signal) {
    if (signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      signal?.addEventListener("abort", done);
    });
  },
};
