// Waits for work for a bounded time.

import type { Clock } from "../platform/clock/clock.ts";

/** Whether it ended in time; the work goes on when not. Rejects when the work does, in time. */
export async function endsWithin(
  limitMs: number,
  work: Promise<unknown>,
  clock: Clock,
): Promise<boolean> {
  const ended = new AbortController();
  const tooLate = clock.sleep(limitMs, ended.signal).then(() => false);
  try {
    return await Promise.race([work.then(() => true), tooLate]);
  } finally {
    ended.abort();
  }
}
