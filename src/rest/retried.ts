// Three tries for the command line, as the Java clients make them: only when no answer came, with
// pauses of 2 ms and 10 ms. An error answer is an answer. Every call of the API may be repeated.

import type { Clock } from "../platform/clock/clock.ts";
import { NoAnswerError } from "./http-call.ts";

export const pausesMs = [2, 10] as const;

export async function retried<T>(clock: Pick<Clock, "sleep">, call: () => Promise<T>): Promise<T> {
  for (const pauseMs of pausesMs) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof NoAnswerError)) throw error;
    }
    await clock.sleep(pauseMs);
  }
  return call();
}
