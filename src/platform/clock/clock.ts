// Time as the rest of the program sees it. `nowMs` is the wall clock (epoch milliseconds) for
// things that people and peers read; `nowUs` is monotonic (microseconds since an arbitrary start,
// with a fraction) and the only source for durations and latencies: a stepped wall clock must
// never change a measurement.

export interface Clock {
  /** Wall clock, epoch milliseconds. */
  nowMs(): number;
  /** Monotonic clock, microseconds since an arbitrary start. */
  nowUs(): number;
  /** Resolves after `ms` milliseconds, or at once when the signal aborts. Never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}
