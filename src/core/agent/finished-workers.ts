// How many finished workers the agent keeps. The reference keeps all of them for ever and sends
// them with every status; here the oldest ones leave beyond a bound, once a status has shown them.

import type { AgentTurn } from "./agent-turn.ts";
import { removeWorker } from "./agent-turn.ts";
import { bury } from "./tombstones.ts";

/** A status was sent: whatever is finished has been seen. */
export function noteSeen(turn: AgentTurn): void {
  const { finished, options } = turn.state;
  if (finished.size <= options.finishedMax) return;
  for (const id of finished.keys()) finished.set(id, true);
  dropFinished(turn);
}

export function dropFinished(turn: AgentTurn): void {
  const { finished, options } = turn.state;
  for (const [id, isSeen] of finished) {
    if (finished.size <= options.finishedMax || !isSeen) return;
    const { createdBy } = turn.state.workers.get(id)!;
    removeWorker(turn, id);
    // A create of it that is late, or repeated because that status was lost, must start nothing.
    bury(turn, id, createdBy, "finished");
  }
}
