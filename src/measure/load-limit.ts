// Whether a load kept to its schedule and, if not, who held it up. Two lags say whether: how far
// the sends are behind the schedule, and how far the answers are. Where the time went while the
// sends were behind says who: waiting for room in the client's buffer (the broker does not take
// more) or making records (the generator cannot make more). A process that used up a core is its
// own limit wherever it waited: client and generator share one thread.

export type LimitedBy = "none" | "broker" | "generator";

export interface LoadLags {
  readonly elapsedUs: number;
  /** How long the next message to send (at the end: the last one) is overdue. */
  readonly sendLagUs: number;
  /** How long the oldest message without an answer is overdue; at the end: the last answer. */
  readonly answerLagUs: number;
  /** Of the time in which sends were behind: what was spent waiting for room in the buffer. */
  readonly blockedUs: number;
  /** The rest of that time. */
  readonly busyUs: number;
  /** CPU time of this process over the elapsed time. */
  readonly cpuShare: number;
}

export interface LoadLimit {
  readonly rateReached: boolean;
  readonly limitedBy: LimitedBy;
}

/** A lag of this share of the run changes the rate by as much. */
export const LAG_SHARE_MAX = 0.005;
/** Timers and scheduling delay sends by milliseconds on any machine. */
export const SEND_LAG_US_MIN = 100_000;
/** Above this the one thread that makes and sends records has no time left. */
export const CPU_SHARE_MAX = 0.95;
/** An answer may take a while although the broker keeps up. */
export const ANSWER_LAG_US_MIN = 1_000_000;

export function loadLimit(lags: LoadLags): LoadLimit {
  const shareUs = lags.elapsedUs * LAG_SHARE_MAX;
  const sendsBehind = lags.sendLagUs > Math.max(SEND_LAG_US_MIN, shareUs);
  const answersBehind = lags.answerLagUs > Math.max(ANSWER_LAG_US_MIN, shareUs);
  const isBusy = lags.busyUs > lags.blockedUs || lags.cpuShare > CPU_SHARE_MAX;
  if (sendsBehind && isBusy) {
    return { rateReached: false, limitedBy: "generator" };
  }
  if (sendsBehind || answersBehind) return { rateReached: false, limitedBy: "broker" };
  return { rateReached: true, limitedBy: "none" };
}
