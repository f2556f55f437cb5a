// An open-loop schedule: message i is due at start + i / rate, whatever happened to the messages
// before it. It never resets: after a stall all that is overdue is due at once, so that latency
// counted from the intended time holds what the stall cost. Pure arithmetic; sleeping is the
// caller's work.

/** ProduceBench's meaning of a target that is not positive. */
export const DEFAULT_MESSAGES_PER_SEC = 10;

/** The rate that `targetMessagesPerSec` asks for: exact, 0 and negatives as in the reference. */
export function intendedRatePerSec(targetMessagesPerSec: number): number {
  return targetMessagesPerSec > 0 ? targetMessagesPerSec : DEFAULT_MESSAGES_PER_SEC;
}

export interface Pacer {
  readonly startUs: number;
  readonly ratePerSec: number;
  readonly intervalUs: number;
  /** When message `index` (from 0) should go out, on the clock of `startUs`. */
  intendedUs(index: number): number;
  /** How many messages should be out at `nowUs`: message i counts from intendedUs(i) on. */
  due(nowUs: number): number;
}

export function createPacer(startUs: number, ratePerSec: number): Pacer {
  if (!(ratePerSec > 0)) throw new Error(`the rate must be positive, not ${ratePerSec}`);
  const intervalUs = 1e6 / ratePerSec;
  const intendedUs = (index: number) => startUs + index * intervalUs;
  return {
    startUs,
    ratePerSec,
    intervalUs,
    intendedUs,
    due(nowUs) {
      if (nowUs < startUs) return 0;
      let count = Math.floor((nowUs - startUs) / intervalUs) + 1;
      // Division and multiplication round differently; `intendedUs` decides, so that a caller that
      // slept until then finds its message due.
      if (intendedUs(count) <= nowUs) count++;
      else if (intendedUs(count - 1) > nowUs) count--;
      return count;
    },
  };
}
