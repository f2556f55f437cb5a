// The coordinator's figures at one moment, for /metrics and `client status`.

import type { CoordinatorState } from "../../core/coordinator/coordinator-state.ts";
import type { TaskStateName } from "../../core/task-state.ts";
import type { CommitFigures, CommitSnapshot } from "../commit-figures.ts";
import type { AgentCaller } from "./agent-caller.ts";
import type { NodeBook } from "./node-book.ts";

export interface CoordinatorMetrics {
  readonly tasks: Readonly<Record<TaskStateName, number>>;
  /** Workers of kept tasks, finished ones included, and those that wait to be forgotten. */
  readonly workers: number;
  readonly forgottenWorkers: number;
  readonly nodes: number;
  readonly polls: number;
  readonly pollFailures: number;
  readonly creates: number;
  readonly createFailures: number;
  readonly stops: number;
  readonly destroys: number;
  readonly commits: CommitSnapshot;
}

export function coordinatorMetrics(
  state: CoordinatorState,
  book: NodeBook,
  caller: AgentCaller,
  figures: CommitFigures,
): CoordinatorMetrics {
  return {
    tasks: { ...state.counts },
    workers: state.workers.size - state.forgotten.size,
    forgottenWorkers: state.forgotten.size,
    nodes: state.nodes.size,
    polls: book.polls,
    pollFailures: book.pollFailures,
    ...caller.counts,
    commits: figures.snapshot(),
  };
}
