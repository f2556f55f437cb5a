// Bounds how long somebody waits for a peer. The work goes on; what it brings later is dropped.

import { TrogdorError } from "../core/trogdor-error.ts";
import type { Clock } from "../platform/clock/clock.ts";

export function withDeadline<T>(work: Promise<T>, clock: Clock, timeoutMs: number): Promise<T> {
  const deadline = new AbortController();
  return new Promise((resolve, reject) => {
    let isSettled = false;
    const settle = () => {
      isSettled = true;
      // Without a reason the runtime would make an exception with its stack, for each call.
      deadline.abort("answered");
    };
    work.then(resolve, reject).finally(settle);
    void clock.sleep(timeoutMs, deadline.signal).then(() => {
      if (isSettled) return;
      reject(new TrogdorError("timeout", `no answer within ${timeoutMs / 1000} s`));
    });
  });
}
