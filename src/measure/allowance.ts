// A ceiling on a rate for work that comes from outside: so much may be taken by now. Unlike a
// schedule it forgives: what was not there to take is caught up for a second at the most, so that a
// consumer that had to wait does not run far above its rate afterwards. Pure arithmetic.

/** How much of the past may be caught up. */
export const CATCH_UP_US_MAX = 1_000_000;

export interface Allowance {
  /** How many more may be taken at `nowUs`, a whole number. */
  available(nowUs: number): number;
  take(count: number): void;
  /** When the next one may be taken. */
  nextUs(): number;
}

/** The first may be taken at once, at the first question. */
export function createAllowance(ratePerSec: number): Allowance {
  if (!(ratePerSec > 0)) throw new Error(`the rate must be positive, not ${ratePerSec}`);
  const intervalUs = 1e6 / ratePerSec;
  const catchUpUs = Math.max(CATCH_UP_US_MAX, intervalUs);
  /** Number `index` counted from `originUs` on is due at originUs + index * intervalUs. */
  let originUs: number | undefined;
  let taken = 0;

  function dueUs(): number {
    return (originUs ?? 0) + taken * intervalUs;
  }

  return {
    available(nowUs) {
      if (originUs === undefined || nowUs - dueUs() > catchUpUs) {
        originUs = originUs === undefined ? nowUs : nowUs - catchUpUs;
        taken = 0;
      }
      return Math.max(0, Math.floor((nowUs - originUs) / intervalUs) + 1 - taken);
    },
    take(count) {
      taken += count;
    },
    nextUs: dueUs,
  };
}
