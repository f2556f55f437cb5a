// How the agent runs a worker: in a child process for workloads, in its own for light tasks. The
// agent's shell knows this interface only, so the simulator can put workers of its own behind it.

import type { Topology } from "../../core/topology.ts";
import type { StatusJson, StopReason, TaskSpec, TaskType } from "../../tasks/define-task.ts";

export interface WorkerOrder {
  readonly taskId: string;
  readonly workerId: bigint;
  readonly node: string;
  readonly topology: Topology;
  readonly taskType: TaskType;
  readonly spec: TaskSpec;
}

/** What a worker tells. Nothing is told after `ended`, which comes exactly once. */
export interface WorkerListener {
  /** The worker does what it is for; for a fault: the fault is in force. At most once. */
  started(): void;
  /** Replaces the worker's status. */
  status(status: StatusJson): void;
  /** Replaces one of its latency histograms: HdrHistogram's compressed V2 encoding in base64. */
  histogram(name: string, encodedBase64: string): void;
  /** Everything of the worker is gone: its processes too. "" is success. */
  ended(error: string): void;
}

export interface RunningWorker {
  /**
   * Asks it to stop; `ended` follows within the runner's bound. Repeating it changes nothing, but
   * that `stopped` after `expired` leaves it less time.
   */
  stop(reason: StopReason): void;
}

export interface WorkerRunner {
  /** Starts a worker. Never throws: what goes wrong is told through `ended`. */
  start(order: WorkerOrder, listener: WorkerListener): RunningWorker;
  /** Stops what is left when the agent itself ends, within a bound. */
  close(): Promise<void>;
}
