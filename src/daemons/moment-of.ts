// The moment that an event carries, from a clock.

import type { Moment } from "../core/moment.ts";
import type { Clock } from "../platform/clock/clock.ts";

export function momentOf(clock: Clock): Moment {
  return { nowMs: clock.nowMs(), monotonicMs: clock.nowUs() / 1000 };
}
