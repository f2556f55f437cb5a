// A load of connections at a rate: so many lanes make one after the other, each at the next time of
// the schedule. What is late because all lanes are busy shows in the corrected latency.

import { KafkaError } from "../../../kafka/client.ts";
import {
  createLatencyHistogram,
  type LatencyHistogram,
} from "../../../measure/latency-histogram.ts";
import { createPacer, type Pacer } from "../../../measure/pacer.ts";
import type { Clock } from "../../../platform/clock/clock.ts";

/**
 * Makes one connection and closes it; rejects with what went wrong. It may name a promise that the
 * lane waits for before its next one.
 */
export type Attempt = (signal: AbortSignal) => Promise<AttemptEnd | undefined>;

export interface AttemptEnd {
  readonly gone: Promise<void>;
}

export interface Connecting {
  readonly pacer: Pacer;
  readonly attempts: number;
  readonly failures: number;
  readonly errors: ReadonlyMap<string, number>;
  readonly lastError: Error | undefined;
  /** How long connections took that were made: from the schedule, and from their start. */
  readonly corrected: LatencyHistogram;
  readonly service: LatencyHistogram;
  readonly lastEndUs: number;
  /** Resolves when the signal has aborted and no attempt is under way any more. */
  run(signal: AbortSignal): Promise<void>;
}

export interface ConnectingOptions {
  readonly attempt: Attempt;
  readonly clock: Clock;
  readonly ratePerSec: number;
  readonly lanes: number;
}

/** Timers of the runtime fire at once beyond 2^31 ms. */
const SLEEP_MS_MAX = 2 ** 30;

export function createConnecting(options: ConnectingOptions): Connecting {
  const { attempt, clock, lanes } = options;
  const pacer = createPacer(clock.nowUs(), options.ratePerSec);
  const corrected = createLatencyHistogram();
  const service = createLatencyHistogram();
  const errors = new Map<string, number>();
  let next = 0;
  let attempts = 0;
  let failures = 0;
  let lastEndUs = 0;
  let lastError: Error | undefined;

  async function tryOnce(intendedUs: number, signal: AbortSignal): Promise<void> {
    const startUs = clock.nowUs();
    try {
      const made = await attempt(signal);
      lastEndUs = clock.nowUs();
      attempts += 1;
      corrected.record(lastEndUs - intendedUs, 1);
      service.record(lastEndUs - startUs, 1);
      await made?.gone;
    } catch (error) {
      // What the end of the task cut short is no failure of the cluster.
      if (signal.aborted) return;
      if (!(error instanceof KafkaError)) throw error;
      lastEndUs = clock.nowUs();
      attempts += 1;
      failures += 1;
      lastError = error;
      errors.set(error.code, (errors.get(error.code) ?? 0) + 1);
    }
  }

  async function lane(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const intendedUs = pacer.intendedUs(next);
      next += 1;
      let leftMs = Math.ceil((intendedUs - clock.nowUs()) / 1000);
      while (leftMs > 0 && !signal.aborted) {
        await clock.sleep(Math.min(leftMs, SLEEP_MS_MAX), signal);
        leftMs = Math.ceil((intendedUs - clock.nowUs()) / 1000);
      }
      if (!signal.aborted) await tryOnce(intendedUs, signal);
    }
  }

  return {
    pacer,
    errors,
    corrected,
    service,
    get attempts() {
      return attempts;
    },
    get failures() {
      return failures;
    },
    get lastError() {
      return lastError;
    },
    get lastEndUs() {
      return lastEndUs;
    },
    async run(signal) {
      await Promise.all(Array.from({ length: lanes }, () => lane(signal)));
    },
  };
}
