// The agent's figures at one moment, for /metrics and `client status`.

import type { AgentState } from "../../core/agent/agent-state.ts";
import type { WorkerState } from "../../core/worker-state.ts";
import type { CommitFigures, CommitSnapshot } from "../commit-figures.ts";
import type { WorkerCounts } from "./worker-set.ts";

export interface AgentMetrics extends WorkerCounts {
  readonly workers: Readonly<Record<WorkerState["state"], number>>;
  readonly tombstones: number;
  readonly commits: CommitSnapshot;
}

export function agentMetrics(
  state: AgentState,
  counts: WorkerCounts,
  figures: CommitFigures,
): AgentMetrics {
  const workers = { STARTING: 0, RUNNING: 0, STOPPING: 0, DONE: state.finished.size };
  for (const id of state.active) workers[state.workers.get(id)!.state] += 1;
  const { tombstones } = state;
  return { ...counts, workers, tombstones: tombstones.size, commits: figures.snapshot() };
}
