// How many finished workers the agent keeps. The reference keeps all of them for ever and sends
// them with every status; here the oldest ones leave beyond a bound, once a status has shown their
// end, and beyond a higher bound in any case.

import type { WorkerState } from "../worker-state.ts";
import type { AgentTurn } from "./agent-turn.ts";
import { removeWorker } from "./agent-turn.ts";
import { bury } from "./tombstones.ts";

/** A status was sent: the ends that it shows have been seen. */
export function noteSeen(turn: AgentTurn, shown: ReadonlyMap<bigint, WorkerState>): void {
  const { finished, options } = turn.state;
  if (finished.size <= options.finishedMax) return;
  for (const id of finished.keys()) {
    if (shown.get(id)?.state === "DONE") finished.set(id, true);
  }
  dropFinished(turn);
}

export function dropFinished(turn: AgentTurn): void {
  const { finished, options } = turn.state;
  for (const [id, isSeen] of finished) {
    if (finished.size <= (isSeen ? options.finishedMax : options.finishedUnseenMax)) return;
    const { createdBy } = turn.state.workers.get(id)!;
    removeWorker(turn, id);
    // A create of it that is late, or repeated because that status was lost, must start nothing.
    bury(turn, id, createdBy, "finished");
  }
}
