// When an event happened: the wall clock for what people and peers read and for start times, the
// monotonic clock for everything that is waited for, so that a stepped wall clock moves no wait.

export interface Moment {
  /** Epoch milliseconds. */
  readonly nowMs: number;
  /** Milliseconds since an arbitrary start. */
  readonly monotonicMs: number;
}
