// What happens to the agent, and what it wants done. Effects are performed after the changes of the
// same step are on disk, and answer only with new events.

import type { Moment } from "../moment.ts";
import type { Refusal } from "../refusal.ts";
import type { JsonText, SpecData } from "../spec-data.ts";
import type { WorkerState } from "../worker-state.ts";

/** A request carries a number of the shell's; its answer repeats it. */
interface WorkerRequestEvent extends Moment {
  readonly request: number;
  readonly workerId: bigint;
  /** Of the coordinator of ours that asks; "" for everybody else. */
  readonly coordinatorId: string;
}

export interface CreateWorker extends WorkerRequestEvent {
  readonly type: "createWorker";
  readonly taskId: string;
  readonly spec: SpecData;
}

export interface StopWorker extends WorkerRequestEvent {
  readonly type: "stopWorker";
}

export interface DestroyWorker extends WorkerRequestEvent {
  readonly type: "destroyWorker";
}

/** The worker does what it is for. */
export interface WorkerStarted extends Moment {
  readonly type: "workerStarted";
  readonly workerId: bigint;
}

export interface WorkerStatus extends Moment {
  readonly type: "workerStatus";
  readonly workerId: bigint;
  readonly status: JsonText;
}

/** Everything of the worker is gone. "" is success. */
export interface WorkerEnded extends Moment {
  readonly type: "workerEnded";
  readonly workerId: bigint;
  readonly error: string;
}

/** Somebody asked for the agent's status: a coordinator is alive. */
export interface AgentPolled extends Moment {
  readonly type: "agentPolled";
  /** What was answered: later ends, and ends that are not on disk yet, are not in it. */
  readonly shown: ReadonlyMap<bigint, WorkerState>;
}

/** Time has passed. */
export interface AgentTick extends Moment {
  readonly type: "tick";
}

export interface AgentShutdown extends Moment {
  readonly type: "shutdown";
}

export type AgentEvent =
  | CreateWorker
  | StopWorker
  | DestroyWorker
  | WorkerStarted
  | WorkerStatus
  | WorkerEnded
  | AgentPolled
  | AgentTick
  | AgentShutdown;

export type AgentEffect =
  | { readonly type: "answer"; readonly request: number; readonly refusal: Refusal | undefined }
  /** The worker as readers see it from now on; undefined: there is none. */
  | {
      readonly type: "show";
      readonly workerId: bigint;
      readonly worker: WorkerState | undefined;
    }
  | {
      readonly type: "startWorker";
      readonly workerId: bigint;
      readonly taskId: string;
      readonly spec: SpecData;
    }
  | {
      readonly type: "stopWorker";
      readonly workerId: bigint;
      readonly reason: "expired" | "stopped";
    }
  /** The last worker has ended after a shutdown. */
  | { readonly type: "finished" };
