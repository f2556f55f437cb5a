// The node's wall clock, which a fault may set, and the clock that goes on whatever is set.

export interface SystemClock {
  /** CLOCK_REALTIME in microseconds since 1970. */
  realtimeUs(): number;
  /** CLOCK_BOOTTIME in microseconds: it never steps. */
  bootUs(): number;
  /** Sets the wall clock. Throws a TrogdorError where that is not allowed. */
  setRealtimeUs(realtimeUs: number): void;
}
