// Closes clients within a bound, also those that do not keep it themselves.

import type { Clock } from "../../platform/clock/clock.ts";
import { endsWithin } from "../ends-within.ts";

/** How long a stopped or failed task waits for what is under way. */
export const STOP_CLOSE_MS = 5_000;
/** A client that does not keep its own bound is left behind after this. */
export const CLOSE_GRACE_MS = 2_000;

export interface Closable {
  close(timeoutMs: number): Promise<void>;
}

/** Never rejects. */
export async function closeWithin(
  clients: readonly Closable[],
  timeoutMs: number,
  clock: Clock,
): Promise<void> {
  const closing = Promise.allSettled(clients.map((client) => client.close(timeoutMs)));
  await endsWithin(timeoutMs + CLOSE_GRACE_MS, closing, clock);
}
