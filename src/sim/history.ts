// What really happened in a simulation, seen from outside by somebody who sees everything: what
// clients asked and heard, which workers ran where and when, what readers were shown. The checkers
// judge this and nothing else. Times are milliseconds of true time since the beginning.

import type { TaskState, TaskStateName } from "../core/task-state.ts";
import type { WorkerState } from "../core/worker-state.ts";

export type ClientVerb = "create" | "stop" | "destroy";

/** One thing that a client wants, over all its tries. */
export interface ClientOp {
  readonly client: string;
  readonly verb: ClientVerb;
  readonly taskId: string;
  /** Of a create: the spec's text. */
  readonly specText: string;
  readonly invokedMs: number;
  /**
   * `ok`: acknowledged. `fail`: refused, so it surely did not happen. `info`: given up without an
   * answer, so it may have happened or may happen yet. Undefined: still trying.
   */
  outcome: "ok" | "fail" | "info" | undefined;
  endedMs: number;
}

/** A client asked for all tasks and was told. */
export interface Listing {
  readonly invokedMs: number;
  readonly endedMs: number;
  readonly taskIds: ReadonlySet<string>;
}

export interface WorkerRun {
  readonly node: string;
  readonly workerId: bigint;
  readonly taskId: string;
  readonly specStartMs: number;
  readonly durationMs: number;
  readonly startedMs: number;
  endedMs: number | undefined;
  /** How it ended: by itself, or with the agent that ran it. */
  end: "ended" | "lostWithAgent" | undefined;
  error: string;
  /** What the script does when it is left alone. */
  readonly plannedError: string;
}

/** A line of the archive. */
export interface ArchivedLine {
  readonly atMs: number;
  readonly taskId: string;
  readonly state: string;
  readonly specText: string;
}

/** A reader was shown a task. */
export interface Sighting {
  readonly atMs: number;
  readonly taskId: string;
  readonly state: TaskStateName;
}

/** Everything as it stands when the cluster has been left in peace for a while. */
export interface FinalState {
  readonly atMs: number;
  readonly tasks: ReadonlyMap<string, TaskState>;
  /** By node. */
  readonly workers: ReadonlyMap<string, ReadonlyMap<bigint, WorkerState>>;
  /** By node: the faults in force in its kernel, by the worker that made them. */
  readonly faults: ReadonlyMap<string, ReadonlySet<bigint>>;
}

export interface History {
  readonly ops: ClientOp[];
  readonly listings: Listing[];
  readonly runs: WorkerRun[];
  readonly sightings: Sighting[];
  /** Every line that was ever written. */
  readonly archived: ArchivedLine[];
  /** How many finished tasks the coordinator keeps; Infinity: all. */
  retainTasks: number;
  /** Things that must not happen and that no checker is needed for: a stop that hangs, a defect. */
  readonly mishaps: string[];
  /** When the cluster was healed and left alone. */
  peaceMs: number;
  final: FinalState | undefined;
}

export function newHistory(): History {
  return {
    ops: [],
    listings: [],
    runs: [],
    sightings: [],
    archived: [],
    retainTasks: Number.POSITIVE_INFINITY,
    mishaps: [],
    peaceMs: 0,
    final: undefined,
  };
}
