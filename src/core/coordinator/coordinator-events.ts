// What happens to the coordinator, and what it wants done. Effects are performed after the changes
// of the same step are on disk, and answer only with new events.

import type { Moment } from "../moment.ts";
import type { Refusal } from "../refusal.ts";
import type { SpecData } from "../spec-data.ts";
import type { TaskState } from "../task-state.ts";
import type { WorkerState } from "../worker-state.ts";

/** A request carries a number of the shell's; its answer repeats it. */
export interface CreateTask extends Moment {
  readonly type: "createTask";
  readonly request: number;
  readonly id: string;
  readonly spec: SpecData;
}

export interface StopTask extends Moment {
  readonly type: "stopTask";
  readonly request: number;
  readonly id: string;
}

export interface DestroyTask extends Moment {
  readonly type: "destroyTask";
  readonly request: number;
  readonly id: string;
}

/** Time has passed. */
export interface Tick extends Moment {
  readonly type: "tick";
}

/** Answers `findTargets`. */
export interface TargetsFound extends Moment {
  readonly type: "targetsFound";
  readonly taskId: string;
  readonly serial: number;
  /** The nodes, or why there are none. */
  readonly nodes: readonly string[] | undefined;
  readonly error: string;
  /** The spec for the workers, when finding the nodes has added to it. */
  readonly workerSpec?: SpecData;
}

/** Answers `poll`. */
export interface Polled extends Moment {
  readonly type: "polled";
  readonly node: string;
  readonly poll: number;
  readonly workers: ReadonlyMap<bigint, WorkerState>;
}

export interface PollFailed extends Moment {
  readonly type: "pollFailed";
  readonly node: string;
  readonly poll: number;
}

export type AgentCallName = "create" | "stop" | "destroy";

export function agentCallKey(call: AgentCallName, workerId: bigint): string {
  return `${call} ${workerId}`;
}

/** Answers `callAgent`. */
export interface Called extends Moment {
  readonly type: "called";
  readonly call: AgentCallName;
  readonly node: string;
  readonly workerId: bigint;
  /** Undefined: the agent did it. */
  readonly refusal: Refusal | undefined;
}

/** Answers `archive`. */
export interface Archived extends Moment {
  readonly type: "archived";
  readonly serials: readonly number[];
}

export type CoordinatorEvent =
  | CreateTask
  | StopTask
  | DestroyTask
  | Tick
  | TargetsFound
  | Polled
  | PollFailed
  | Called
  | Archived;

export type CoordinatorEffect =
  | {
      readonly type: "answer";
      readonly request: number;
      readonly refusal: Refusal | undefined;
    }
  /** The task as readers see it from now on; undefined: there is none. */
  | { readonly type: "show"; readonly taskId: string; readonly task: TaskState | undefined }
  | {
      readonly type: "findTargets";
      readonly taskId: string;
      readonly serial: number;
      readonly spec: SpecData;
    }
  | { readonly type: "poll"; readonly node: string; readonly poll: number }
  | CallAgent
  | {
      readonly type: "archive";
      readonly tasks: readonly ArchivedTask[];
    };

export interface CallAgent {
  readonly type: "callAgent";
  readonly call: AgentCallName;
  readonly node: string;
  readonly workerId: bigint;
  readonly taskId: string;
  /** Of a create only. */
  readonly spec: SpecData | undefined;
}

export interface ArchivedTask {
  readonly id: string;
  readonly serial: number;
  readonly task: TaskState;
}
