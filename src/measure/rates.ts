// How fast records were acknowledged: over the whole run and since the last look.

export interface Rates {
  readonly elapsedMs: number;
  readonly messagesPerSec: number;
  readonly bytesPerSec: number;
  /** Since the sample before this one; equal to the whole run's at the first. */
  readonly intervalMessagesPerSec: number;
  readonly intervalBytesPerSec: number;
}

export interface RateMeter {
  /** `messages` and `bytes` are totals up to `nowUs`. */
  sample(nowUs: number, messages: number, bytes: number): Rates;
}

/** Looks that are closer together than this share the interval of the earlier one. */
export const INTERVAL_MIN_US = 100_000;

export function createRateMeter(startUs: number): RateMeter {
  let last = { atUs: startUs, messages: 0, bytes: 0 };
  let interval = { messagesPerSec: 0, bytesPerSec: 0 };
  return {
    sample(nowUs, messages, bytes) {
      const intervalUs = nowUs - last.atUs;
      if (intervalUs >= INTERVAL_MIN_US) {
        interval = {
          messagesPerSec: perSec(messages - last.messages, intervalUs),
          bytesPerSec: perSec(bytes - last.bytes, intervalUs),
        };
        last = { atUs: nowUs, messages, bytes };
      }
      const elapsedUs = nowUs - startUs;
      const isFirst = last.atUs === startUs;
      const messagesPerSec = perSec(messages, elapsedUs);
      const bytesPerSec = perSec(bytes, elapsedUs);
      return {
        elapsedMs: Math.max(0, Math.round(elapsedUs / 1000)),
        messagesPerSec,
        bytesPerSec,
        intervalMessagesPerSec: isFirst ? messagesPerSec : interval.messagesPerSec,
        intervalBytesPerSec: isFirst ? bytesPerSec : interval.bytesPerSec,
      };
    },
  };
}

/** One decimal; 0 when no time has passed. */
function perSec(amount: number, durationUs: number): number {
  return durationUs > 0 ? Math.round((amount / durationUs) * 1e7) / 10 : 0;
}
