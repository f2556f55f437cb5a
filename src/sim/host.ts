// A simulated machine: its clock, its disk and the daemon that runs on it now. A daemon that was
// killed is simply never heard of again: none of its sleeps ends, none of its writes is done, none
// of its calls is answered, and nobody can call it.

import type { Clock } from "../platform/clock/clock.ts";
import type { SimulatedDisk } from "../platform/store/simulated-store.ts";
import type { Scheduler } from "./scheduler.ts";

/** Epoch milliseconds at the beginning of every simulation. */
export const simulationStartMs = 1_800_000_000_000;

/** One life of a daemon. */
export interface Life {
  readonly isOver: boolean;
}

export interface Host<Service> {
  readonly name: string;
  readonly disk: SimulatedDisk;
  nextCommitFails: boolean;
  /** Called when something was written that is not synced yet. */
  onWrite: () => void;
  /** Wall clock minus true time. */
  clockOffsetMs: number;
  life: MutableLife;
  /** What the daemon answers to; undefined while none runs. */
  service: Service | undefined;
}

export interface MutableLife extends Life {
  isOver: boolean;
}

/** The clock as one life of a daemon sees it. */
export function clockOf(
  host: { readonly clockOffsetMs: number },
  life: Life,
  scheduler: Scheduler,
): Clock {
  return {
    nowMs: () => Math.floor(simulationStartMs + scheduler.nowMs() + host.clockOffsetMs),
    nowUs: () => scheduler.nowMs() * 1000,
    sleep(ms, signal) {
      if (signal?.aborted) return Promise.resolve();
      return new Promise((resolve) => {
        const take = scheduler.after(ms, () => {
          signal?.removeEventListener("abort", onAbort);
          if (!life.isOver) resolve();
        });
        const onAbort = () => {
          take();
          resolve();
        };
        signal?.addEventListener("abort", onAbort, { once: true });
      });
    },
  };
}
