// What a task type is: one value that says how its spec looks, where it runs and how to run it.
// Help, docs, JSON Schema, completion and validation derive from these values; adding a task type
// means one folder and one line in registry.ts.

import type { GenericSchema, InferOutput } from "valibot";
import type { Topology } from "../core/topology.ts";
import type { Problem } from "../core/trogdor-error.ts";
import type { Clock } from "../platform/clock/clock.ts";
import type { Log } from "../platform/log/log.ts";
import type { Processes } from "../platform/processes/processes.ts";
import type { UndoJournal } from "../platform/undo-journal/undo-journal.ts";
import type { AnyFault, FaultNode } from "./define-fault.ts";
import type { StatusJson } from "./status-json.ts";
import type { TaskResult } from "./task-result.ts";

export type { StatusJson } from "./status-json.ts";

/** What every spec has (durationMs is clamped to 0..1e15 when parsed, so it fits a number). */
export interface TaskSpec {
  readonly class: string;
  readonly startMs: bigint;
  readonly durationMs: number;
}

/** What a worker gets from whoever runs it: exec now, the agent's child process later. */
export interface WorkerContext {
  readonly taskId: string;
  readonly workerId: bigint;
  readonly node: string;
  readonly topology: Topology;
  /** Aborts when the task must stop: durationMs is over ("expired") or a person stopped it. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly log: Log;
  /** A fresh random UUID; a seeded one in tests. */
  randomUuid(): string;
  /** Replaces the worker's status. The last one stays readable after the end. */
  report(status: StatusJson): void;
  /**
   * Replaces one of the worker's latency histograms (microseconds), in HdrHistogram's compressed V2
   * encoding as base64, so that whoever collects them can merge without loss.
   */
  reportHistogram(name: string, encodedBase64: string): void;
  /** Tells that the worker does what it is for: a fault is in force. Without it: from the start. */
  started?(): void;
  /** Starts processes that end with the worker; absent where none may be started. */
  readonly processes?: Processes;
  /** The node that a fault changes; absent where none may run. */
  readonly faultHost?: FaultHost;
}

/** The node of a fault, and the journal that outlives the process. */
export interface FaultHost {
  readonly node: FaultNode;
  readonly journal: UndoJournal;
  /** Undoes what is over while this process hangs; absent where there is none. */
  readonly guard?: FaultGuard;
  /** For tests, which kill the process at each of them. */
  atStep?(step: FaultStep): Promise<void>;
  /** CLOCK_BOOTTIME in microseconds: it goes on while the machine sleeps and never steps. */
  bootTimeUs(): number;
}

export interface FaultGuard {
  /** An entry of the journal that ends at `endUs` of the boot clock. */
  watchFault(id: string, endUs: number): void;
  forgetFault(id: string): void;
}

export type FaultStep = "planned" | "journalled" | "applied" | "undone";

/** `signal.reason` of a worker's signal. */
export type StopReason = "expired" | "stopped";

/** Numbers of a running task for a progress line; a member is absent when the task has none. */
export interface Progress {
  readonly phase?: string;
  readonly done?: number;
  readonly total?: number;
  readonly ratePerSec?: number;
  readonly intendedPerSec?: number;
  readonly bytesPerSec?: number;
  readonly p50Us?: number;
  readonly p99Us?: number;
  readonly errors?: number;
}

/**
 * Runs a task's share on this node. Resolve: done. Throw: failed, the message is the error.
 */
export type Worker<S> = (spec: S, context: WorkerContext) => Promise<void>;

export interface TaskType<Schema extends GenericSchema = GenericSchema> {
  /** The full Java class name, as `class` holds it on the wire. */
  readonly className: string;
  /** The name people type: `ProduceBench`. Accepted as `class` as well, also with `Spec` behind. */
  readonly shortName: string;
  readonly kind: "workload" | "fault" | "task";
  /** It only watches a process that it starts, so that it needs none of its own to run in. */
  readonly watchesProcess?: true;
  /** One line for help and docs. */
  readonly summary: string;
  /** Parses the raw JSON object (see src/spec) into the spec; its output holds `class`. */
  readonly schema: Schema;
  /** The nodes that get a worker. */
  targetNodes(spec: InferOutput<Schema>, topology: Topology): readonly string[];
  /**
   * Semantic problems that the schema does not see, in the reference's words where it has some:
   * `exec` and `validate` show them before anything is created. Called through checkTaskSpec.
   */
  check(spec: InferOutput<Schema>): readonly Problem[] | Promise<readonly Problem[]>;
  /** The worker, imported on demand so that `--help` loads no client. */
  loadWorker(): Promise<Worker<InferOutput<Schema>>>;
  /** A fault's plan, apply, probe and undo: for its worker, `--plan`, and undoing after a crash. */
  loadFault?(): Promise<AnyFault>;
  /** The spec holds a command of the caller's own, which not everybody may have run. */
  runsCommand?(spec: InferOutput<Schema>): boolean;
  /** Reads the task's own last status for people; undefined shows the status as it is. */
  result?(status: StatusJson, spec: InferOutput<Schema>): TaskResult | undefined;
  /** Reads the task's own status for a progress line. */
  progress?(status: StatusJson, spec: InferOutput<Schema>): Progress;
}

/** Keeps the schema's type; the registry holds the values with it erased. */
export function defineTask<Schema extends GenericSchema>(
  taskType: TaskType<Schema>,
): TaskType<Schema> {
  return taskType;
}
