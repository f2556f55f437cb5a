// The agent's state from its rows, after a restart. Workers that ran are over: what they did is not
// known, they are reported so, and never started again.

import type { Moment } from "../moment.ts";
import type { Row, RowUpdate } from "../row-change.ts";
import { noWorkerRow, readTombstone, readWorker, workerRow } from "./agent-rows.ts";
import { type AgentOptions, type AgentState, newAgent } from "./agent-state.ts";
import type { AgentTurn } from "./agent-turn.ts";
import { bury } from "./tombstones.ts";
import { type AgentWorker, agentWorkerStep } from "./worker-transitions.ts";

export interface RecoveredAgent {
  readonly state: AgentState;
  /** To be on disk before the first event. */
  readonly changes: readonly RowUpdate[];
  /** Workers to run again: none, but for the simulator's planted bug. */
  readonly restarted: readonly AgentWorker[];
}

export const restartedError = "the agent restarted while this worker ran";

export function recoverAgent(
  rows: readonly Row[],
  options: AgentOptions,
  moment: Moment,
): RecoveredAgent {
  const state = newAgent(options, moment);
  const turn: AgentTurn = { state, moment, effects: [], changes: [] };
  const restarted: AgentWorker[] = [];
  const tombstones = rows.filter((row) => row.table === "tombstone").map(readTombstone);
  for (const tombstone of tombstones.sort((a, b) => a.serial - b.serial)) {
    state.tombstones.set(tombstone.workerId, tombstone);
    state.nextTombstone = tombstone.serial + 1;
  }
  const workers = rows.filter((row) => row.table === "worker").map(readWorker);
  for (const stored of workers.sort(byEnd)) {
    if (stored.state !== "DONE" && options.plantedBugs.has("restartWorkerAfterAgentRestart")) {
      state.workers.set(stored.id, stored);
      state.active.add(stored.id);
      const endMs = Number(stored.spec.startMs) + stored.spec.durationMs;
      state.ends.set(stored.id, moment.monotonicMs + endMs - moment.nowMs);
      restarted.push(stored);
      continue;
    }
    recoverWorker(turn, stored);
  }
  return { state, changes: turn.changes, restarted };
}

function recoverWorker(turn: AgentTurn, stored: AgentWorker): void {
  const { state, changes, moment } = turn;
  if (stored.destroyedBy !== undefined) {
    changes.push(noWorkerRow(stored.id));
    bury(turn, stored.id, stored.destroyedBy, "destroyed");
    return;
  }
  const ended = { type: "ended", nowMs: moment.nowMs, error: restartedError } as const;
  const worker = agentWorkerStep(stored, ended);
  if (worker !== stored) changes.push(workerRow(worker));
  state.workers.set(worker.id, worker);
  state.finished.set(worker.id, false);
}

/** The oldest end first; those that have not ended last, by id. */
function byEnd(a: AgentWorker, b: AgentWorker): number {
  const order = endMs(a) - endMs(b);
  if (order !== 0 && !Number.isNaN(order)) return order;
  return a.id < b.id ? -1 : 1;
}

function endMs(worker: AgentWorker): number {
  return worker.state === "DONE" ? worker.doneMs : Number.MAX_SAFE_INTEGER;
}
