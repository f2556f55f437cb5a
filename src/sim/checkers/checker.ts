// A checker is one invariant: a pure function of what happened that answers what was wrong with it.

import type { History } from "../history.ts";

export interface Checker {
  readonly name: string;
  /** Holds for all tasks of an id together: see revived-tasks.ts. */
  readonly judgesRevived?: boolean;
  /** One sentence for each violation; none when the invariant held. */
  check(history: History): readonly string[];
}

/** At most this many witnesses of one kind are worth reading. */
export const witnessesMax = 5;
