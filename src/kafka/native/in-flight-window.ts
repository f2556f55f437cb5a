// How many requests to one broker are worth having in flight, below the bound that
// max.in.flight.requests.per.connection sets. More than the way to the broker holds only wait in
// the broker's queue, and their memory pushes everybody's data out of the processor's caches: on
// one machine with its broker, 2 instead of 5 in flight saved a fifth of the CPU time and raised
// the throughput. The rule is TCP Vegas': of n requests in flight, n * (1 - minRtt / rtt) are
// queueing; keep that between one and two.

export interface InFlightWindow {
  /** Requests that may be in flight now. */
  readonly limit: number;
  /** An answer came `rttUs` after its request was sent as the `inFlight`-th one outstanding. */
  answered(rttUs: number, inFlight: number, nowUs: number): void;
}

const queueingMin = 1;
const queueingMax = 2;
/** The shortest round trip is looked for anew this often: a way can change. */
const minRttAgeUs = 10_000_000;

export function createInFlightWindow(maxInFlight: number): InFlightWindow {
  const least = Math.min(2, maxInFlight);
  let limit = maxInFlight;
  let minRttUs = Number.POSITIVE_INFINITY;
  let nextMinRttUs = Number.POSITIVE_INFINITY;
  let minSinceUs = 0;
  let answersLeft = maxInFlight;

  function watchShortest(rttUs: number, nowUs: number): void {
    nextMinRttUs = Math.min(nextMinRttUs, rttUs);
    minRttUs = Math.min(minRttUs, rttUs);
    if (nowUs - minSinceUs < minRttAgeUs) return;
    minRttUs = nextMinRttUs;
    nextMinRttUs = Number.POSITIVE_INFINITY;
    minSinceUs = nowUs;
  }

  return {
    get limit() {
      return limit;
    },
    answered(rttUs, inFlight, nowUs) {
      watchShortest(rttUs, nowUs);
      // A change shows only in the answers to what was sent after it.
      if (--answersLeft > 0) return;
      const queueing = inFlight * (1 - minRttUs / rttUs);
      if (queueing > queueingMax) limit = Math.max(least, limit - 1);
      else if (queueing < queueingMin) limit = Math.min(maxInFlight, limit + 1);
      answersLeft = limit;
    },
  };
}
