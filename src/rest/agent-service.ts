// What the agent's REST API stands on. A call rejects with a TrogdorError, whose code the REST
// layer maps to an HTTP status.

import type { SpecData } from "../core/spec-data.ts";
import type { WorkerState } from "../core/worker-state.ts";
import type { Caller } from "./caller.ts";

export interface WorkerRequest {
  readonly workerId: bigint;
  readonly taskId: string;
  readonly spec: SpecData;
}

export interface AgentStatus {
  readonly serverStartMs: number;
  /** Sorted by id. */
  readonly workers: ReadonlyMap<bigint, WorkerState>;
}

export interface AgentService {
  readonly serverStartMs: number;
  nowMs(): number;
  status(): AgentStatus;
  /** Tells that a coordinator is alive (a poll came), for deadManMs. */
  polled(): void;
  /**
   * Resolves when the worker has started or failed to; rejects with `conflict` for a used id with
   * other content.
   */
  createWorker(request: WorkerRequest, caller: Caller): Promise<void>;
  stopWorker(workerId: bigint, caller: Caller): Promise<void>;
  destroyWorker(workerId: bigint, caller: Caller): Promise<void>;
  /** Resolves at once; the daemon ends in the background. */
  shutdown(): Promise<void>;
}
