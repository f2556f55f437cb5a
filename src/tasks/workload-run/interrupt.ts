// Waits that a stop cuts short. Promise.race against one long-lived promise would keep a reaction
// for every wait of the whole run; this keeps one.

export interface Interrupt {
  /** True: the promise resolved; false: the signal aborted first. Rejects as the promise. */
  wait(promise: Promise<unknown>): Promise<boolean>;
}

export function createInterrupt(signal: AbortSignal): Interrupt {
  let onAbort: (() => void) | undefined;
  signal.addEventListener("abort", () => onAbort?.(), { once: true });
  return {
    wait(promise) {
      if (signal.aborted) {
        promise.catch(() => {});
        return Promise.resolve(false);
      }
      return new Promise((resolve, reject) => {
        onAbort = () => resolve(false);
        promise.then(() => resolve(true), reject);
      });
    },
  };
}
