// The dead man's switch: workers stop when no coordinator has asked for the agent's status for too
// long. Off unless deadManMs is above 0.

import type { AgentState } from "./agent-state.ts";
import type { AgentTurn } from "./agent-turn.ts";
import { tellToStop } from "./worker-requests.ts";

export function stopForSilence(turn: AgentTurn): void {
  const { state, moment } = turn;
  if (moment.monotonicMs < nextSilenceMs(state)) return;
  const silentS = Math.floor((moment.monotonicMs - state.heardMs) / 1000);
  const error = `the coordinator was silent for ${silentS} s`;
  for (const id of [...state.active]) {
    tellToStop(turn, state.workers.get(id)!, "stopped", error);
  }
}

/** Monotonic; Infinity when there is nothing to stop. */
export function nextSilenceMs({ options, active, workers, heardMs }: AgentState): number {
  if (options.deadManMs <= 0) return Number.POSITIVE_INFINITY;
  for (const id of active) {
    if (workers.get(id)?.state !== "STOPPING") return heardMs + options.deadManMs;
  }
  return Number.POSITIVE_INFINITY;
}
