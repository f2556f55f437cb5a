// One step of the agent in the making: the state it may change, and what it has gathered so far.
// Every change of a worker goes through here, so indexes, rows and what readers see agree.

import type { Moment } from "../moment.ts";
import type { RowUpdate } from "../row-change.ts";
import type { AgentEffect } from "./agent-events.ts";
import { noWorkerRow, workerRow } from "./agent-rows.ts";
import type { AgentState } from "./agent-state.ts";
import { type AgentWorker, workerStateOf } from "./worker-transitions.ts";

export interface AgentTurn {
  readonly state: AgentState;
  readonly moment: Moment;
  readonly effects: AgentEffect[];
  readonly changes: RowUpdate[];
}

/** Keeps a worker in its new form. Its row has what a restart needs: that it is, how it ended. */
export function putWorker(turn: AgentTurn, before: AgentWorker | undefined, next: AgentWorker) {
  if (next === before) return;
  const { state } = turn;
  state.workers.set(next.id, next);
  if (next.state !== "DONE") state.active.add(next.id);
  else if (before?.state !== "DONE") {
    state.active.delete(next.id);
    state.ends.delete(next.id);
    state.finished.set(next.id, false);
  }
  const isStored =
    before !== undefined &&
    (next.state === "DONE") === (before.state === "DONE") &&
    next.destroyedBy === before.destroyedBy;
  if (!isStored) turn.changes.push(workerRow(next));
  turn.effects.push({ type: "show", workerId: next.id, worker: workerStateOf(next) });
}

export function removeWorker(turn: AgentTurn, id: bigint): void {
  const { state } = turn;
  state.workers.delete(id);
  state.active.delete(id);
  state.ends.delete(id);
  state.finished.delete(id);
  turn.changes.push(noWorkerRow(id));
  turn.effects.push({ type: "show", workerId: id, worker: undefined });
}
