// The invariants of the simulated cluster.

import type { History } from "../history.ts";
import { withoutRevived } from "../revived-tasks.ts";
import { type Checker, witnessesMax } from "./checker.ts";
import { doneStaysDone } from "./done-stays-done.ts";
import { finalStatesAgree } from "./final-states-agree.ts";
import { noAcknowledgedTaskLost } from "./no-acknowledged-task-lost.ts";
import { noFaultOutlivesItsOwner } from "./no-fault-outlives-its-owner.ts";
import { nothingBroke } from "./nothing-broke.ts";
import { retentionIsKept } from "./retention-is-kept.ts";
import { workerStartedOnce } from "./worker-started-once.ts";
import { workersEndInTime } from "./workers-end-in-time.ts";

export const checkers: readonly Checker[] = [
  noAcknowledgedTaskLost,
  retentionIsKept,
  workerStartedOnce,
  workersEndInTime,
  doneStaysDone,
  finalStatesAgree,
  noFaultOutlivesItsOwner,
  nothingBroke,
];

/** `invariant: what was wrong`, the first few of each. */
export function violations(history: History): string[] {
  const onlyFirstLives = withoutRevived(history);
  return checkers.flatMap(({ name, check, judgesRevived }) => {
    const found = check(judgesRevived === true ? history : onlyFirstLives);
    const shown = found.slice(0, witnessesMax).map((text) => `${name}: ${text}`);
    const more = found.length - shown.length;
    return more > 0 ? [...shown, `${name}: and ${more} more`] : shown;
  });
}
