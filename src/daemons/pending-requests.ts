// Requests that wait for the machine's answer. Each has a number, which goes into its event and
// comes back with the effect that answers it.

import type { Refusal } from "../core/refusal.ts";
import { TrogdorError } from "../core/trogdor-error.ts";

export interface PendingRequests {
  /** Resolves when the request is granted, rejects when it is refused. */
  ask(post: (request: number) => void): Promise<void>;
  /** Nothing happens when the request was answered before. */
  answer(request: number, refusal: Refusal | undefined): void;
  /** Refuses everything that waits, and whatever is asked from now on. */
  refuseAll(refusal: Refusal): void;
}

interface Waiting {
  readonly resolve: () => void;
  readonly reject: (error: TrogdorError) => void;
}

export function createPendingRequests(): PendingRequests {
  const waiting = new Map<number, Waiting>();
  let lastRequest = 0;
  let ended: Refusal | undefined;

  function answer(request: number, refusal: Refusal | undefined): void {
    const asker = waiting.get(request);
    waiting.delete(request);
    if (refusal === undefined) asker?.resolve();
    else asker?.reject(new TrogdorError(refusal.code, refusal.message));
  }

  return {
    ask(post) {
      return new Promise((resolve, reject) => {
        lastRequest += 1;
        waiting.set(lastRequest, { resolve, reject });
        if (ended === undefined) post(lastRequest);
        else answer(lastRequest, ended);
      });
    },
    answer,
    refuseAll(refusal) {
      ended = refusal;
      for (const request of [...waiting.keys()]) answer(request, refusal);
    },
  };
}
