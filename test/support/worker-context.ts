// A worker's context in simulated time, for tests of workers with scripted clients; what the worker
// reports is kept.

import type { Clock } from "../../src/platform/clock/clock.ts";
import { createSimulatedClock } from "../../src/platform/clock/simulated-clock.ts";
import { silentLog } from "../../src/platform/log/log.ts";
import type { StatusJson, StopReason, WorkerContext } from "../../src/tasks/define-task.ts";

export interface ContextOptions {
  readonly clock?: Clock;
  readonly endMs?: number;
  readonly endReason?: StopReason;
}

export interface TestedContext {
  readonly context: WorkerContext;
  readonly clock: Clock;
  readonly statuses: StatusJson[];
  readonly histograms: Map<string, string>;
  /** The last status. */
  status(): Record<string, unknown>;
}

export function testedContext(options: ContextOptions = {}): TestedContext {
  const clock = options.clock ?? createSimulatedClock();
  const controller = new AbortController();
  const statuses: StatusJson[] = [];
  const histograms = new Map<string, string>();
  let uuids = 0;
  const context: WorkerContext = {
    taskId: "task0",
    workerId: 1n,
    node: "node0",
    topology: { nodes: new Map() },
    signal: controller.signal,
    clock,
    log: silentLog,
    randomUuid: () => `uuid-${uuids++}`,
    report: (status) => statuses.push(status),
    reportHistogram: (name, encoded) => histograms.set(name, encoded),
  };
  const abort = () => controller.abort(options.endReason ?? "stopped");
  if (options.endMs === 0) abort();
  else if (options.endMs !== undefined) clock.sleep(options.endMs).then(abort);
  const status = () => statuses.at(-1) as Record<string, unknown>;
  return { context, clock, statuses, histograms, status };
}
