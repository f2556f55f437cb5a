// What can be stopped and started: a unit of systemd, or whatever the caller's commands do.

import type { FaultNode } from "../../define-fault.ts";

export interface Service {
  /** "" when it runs; else who does not run, for the beginning of a sentence. */
  whyNotRunning(node: FaultNode): Promise<string>;
  /** "" when it is stopped; else what was found. */
  whyNotStopped(node: FaultNode): Promise<string>;
  /** Resolves when it has stopped, or has had its time for it. */
  stop(node: FaultNode): Promise<void>;
  /** Nothing when it runs or is gone. Rejects when it does not start. */
  start(node: FaultNode): Promise<void>;
}

export const lookEveryMs = 50;

/** Looks again and again; false when the time is over first. */
export async function comesTrue(
  { clock }: FaultNode,
  withinMs: number,
  isTrue: () => Promise<boolean>,
): Promise<boolean> {
  const untilUs = clock.nowUs() + withinMs * 1000;
  for (;;) {
    if (await isTrue()) return true;
    if (clock.nowUs() >= untilUs) return false;
    await clock.sleep(lookEveryMs);
  }
}
