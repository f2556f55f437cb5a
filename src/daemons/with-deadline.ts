// Bounds how long somebody waits for a peer. The work goes on; what it brings later is dropped.

import { TrogdorError } from "../core/trogdor-error.ts";
import type { Clock } from "../platform/clock/clock.ts";

export async function withDeadline<T>(
  work: Promise<T>,
  clock: Clock,
  timeoutMs: number,
): Promise<T> {
  const done = new AbortController();
  const late = async (): Promise<never> => {
    await clock.sleep(timeoutMs, done.signal);
    throw new TrogdorError("timeout", `no answer within ${timeoutMs / 1000} s`);
  };
  try {
    return await Promise.race([work, late()]);
  } finally {
    done.abort();
  }
}
