// Trying again: exponential pauses between retry.backoff.ms and retry.backoff.max.ms with a fifth
// of jitter (as the Java client), until a deadline. What cannot get better (a wrong password, an
// unknown mechanism, missing rights) is not tried twice.

import type { Clock } from "../platform/clock/clock.ts";
import { KafkaError } from "./client.ts";

export interface Deadline {
  /** On the monotonic clock. */
  readonly untilUs: number;
  readonly signal?: AbortSignal | undefined;
}

export function deadlineIn(clock: Clock, ms: number, signal?: AbortSignal): Deadline {
  return { untilUs: clock.nowUs() + ms * 1000, signal };
}

export interface Backoff {
  readonly backoffMs: number;
  readonly backoffMaxMs: number;
}

/** The pause before try number `attempt` + 1, for attempts from 1 on. */
export function backoffAfter(backoff: Backoff, attempt: number): number {
  const ms = Math.min(backoff.backoffMs * 2 ** Math.min(attempt - 1, 30), backoff.backoffMaxMs);
  return ms * (0.8 + Math.random() * 0.4);
}

/**
 * Runs `operation` until it succeeds, fails for good, or the deadline is over; then the last error
 * is thrown.
 */
export async function retrying<Result>(
  clock: Clock,
  backoff: Backoff,
  deadline: Deadline,
  operation: () => Promise<Result>,
): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await operation();
    } catch (error) {
      if (!(error instanceof KafkaError) || !error.retriable) throw error;
      const pauseMs = backoffAfter(backoff, attempt);
      if (clock.nowUs() + pauseMs * 1000 >= deadline.untilUs || isAborted(deadline)) throw error;
      await clock.sleep(pauseMs, deadline.signal);
      if (isAborted(deadline)) throw error;
    }
  }
}

/**
 * As `retrying`, and a try that hangs ends with the deadline too: with the error of the try before
 * it, which says more than that the time is over; with `timeoutError` when there was none.
 */
export function retryingWithin<Result>(
  clock: Clock,
  backoff: Backoff,
  deadline: Deadline,
  timeoutError: () => KafkaError,
  operation: () => Promise<Result>,
): Promise<Result> {
  let lastError: KafkaError | undefined;
  const trying = retrying(clock, backoff, deadline, async () => {
    try {
      return await operation();
    } catch (error) {
      if (error instanceof KafkaError) lastError = error;
      throw error;
    }
  });
  return within(clock, deadline, () => lastError ?? timeoutError(), trying);
}

function isAborted(deadline: Deadline): boolean {
  return deadline.signal?.aborted ?? false;
}

/** Ends the wait for `promise` when the deadline is over or its signal aborts; the work goes on. */
export function within<Result>(
  clock: Clock,
  deadline: Deadline,
  timeoutError: () => KafkaError,
  promise: Promise<Result>,
): Promise<Result> {
  return new Promise((resolve, reject) => {
    const end = () => {
      clearTimeout(timer);
      deadline.signal?.removeEventListener("abort", onAbort);
    };
    const onAbort = () => {
      end();
      reject(new KafkaError("INTERRUPTED", "stopped while waiting for a broker", false));
    };
    const leftMs = Math.max(0, (deadline.untilUs - clock.nowUs()) / 1000);
    const timer = setTimeout(() => {
      end();
      reject(timeoutError());
    }, leftMs);
    if (isAborted(deadline)) onAbort();
    else deadline.signal?.addEventListener("abort", onAbort, { once: true });
    promise.then(resolve, reject).finally(end);
  });
}
