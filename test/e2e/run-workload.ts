// Runs the worker of any workload against a real cluster, as a mode would, and keeps what it
// reported.

import { realClock } from "../../src/platform/clock/real-clock.ts";
import { silentLog } from "../../src/platform/log/log.ts";
import type { Processes } from "../../src/platform/processes/processes.ts";
import type { JsonObject } from "../../src/spec/json.ts";
import type { StatusJson, StopReason, WorkerContext } from "../../src/tasks/define-task.ts";
import { readTaskSpec } from "../../src/tasks/parse-task-spec.ts";

/** A status as JSON has it. */
export type StatusRecord = Record<string, unknown>;

export interface WorkloadRun {
  /** The last status; a text when it failed before the load. */
  readonly status: StatusRecord;
  readonly statuses: readonly StatusJson[];
  readonly histograms: ReadonlyMap<string, string>;
  /** Undefined: success. */
  readonly error: Error | undefined;
  readonly tookMs: number;
}

export interface RunOptions {
  readonly taskId?: string;
  /** For workloads that start programs. */
  readonly processes?: Processes;
  /** Called with each status; answering a reason stops the task. */
  onStatus?(status: StatusJson): StopReason | undefined;
}

/** `fields` are those of the spec as JSON holds them; durationMs ends the run as in a real task. */
export async function runWorkload(
  fields: Readonly<Record<string, unknown>>,
  options: RunOptions = {},
): Promise<WorkloadRun> {
  const raw = { startMs: 0, durationMs: 50_000, ...fields };
  const { taskType, spec } = readTaskSpec(raw as JsonObject);
  const controller = new AbortController();
  const ended = new AbortController();
  const statuses: StatusJson[] = [];
  const histograms = new Map<string, string>();
  const context: WorkerContext = {
    taskId: options.taskId ?? "task0",
    workerId: 1n,
    node: "node0",
    topology: { nodes: new Map() },
    signal: controller.signal,
    clock: realClock,
    log: silentLog,
    randomUuid: () => crypto.randomUUID(),
    report(status) {
      statuses.push(status);
      const reason = options.onStatus?.(status);
      if (reason !== undefined) controller.abort(reason);
    },
    ...(options.processes === undefined ? {} : { processes: options.processes }),
    reportHistogram: (name, encoded) => histograms.set(name, encoded),
  };
  realClock.sleep(spec.durationMs, ended.signal).then(() => controller.abort("expired"));
  const startUs = realClock.nowUs();
  const worker = await taskType.loadWorker();
  const error = await worker(spec, context).then(
    () => undefined,
    (reason: Error) => reason,
  );
  const tookMs = (realClock.nowUs() - startUs) / 1000;
  ended.abort();
  return { status: statuses.at(-1) as StatusRecord, statuses, histograms, error, tookMs };
}
