// Runs the ProduceBench worker against a real cluster, as a mode would, and keeps what it reported.

import * as v from "valibot";
import type { Clock } from "../../src/platform/clock/clock.ts";
import { realClock } from "../../src/platform/clock/real-clock.ts";
import { silentLog } from "../../src/platform/log/log.ts";
import type { StatusJson, StopReason, WorkerContext } from "../../src/tasks/define-task.ts";
import type { ProduceStatus } from "../../src/tasks/workloads/produce-bench/produce-status.ts";
import { produceBenchSchema } from "../../src/tasks/workloads/produce-bench/spec.ts";
import { produceBenchWorker } from "../../src/tasks/workloads/produce-bench/worker.ts";

export interface ProduceBenchRun {
  /** The last status; a text when it failed before the load. */
  readonly status: ProduceStatus;
  readonly statuses: readonly StatusJson[];
  readonly histograms: ReadonlyMap<string, string>;
  /** Undefined: success. */
  readonly error: Error | undefined;
  readonly tookMs: number;
}

export interface RunOptions {
  readonly clock?: Clock;
  /** Called with each status; answering a reason stops the task. */
  onStatus?(status: StatusJson): StopReason | undefined;
}

/** `fields` are those of the spec as JSON holds them; durationMs ends the run as in a real task. */
export async function runProduceBench(
  fields: Readonly<Record<string, unknown>>,
  options: RunOptions = {},
): Promise<ProduceBenchRun> {
  const raw = { class: "ProduceBench", startMs: 0, durationMs: 50_000, ...fields };
  const spec = v.parse(produceBenchSchema, raw);
  const clock = options.clock ?? realClock;
  const controller = new AbortController();
  const ended = new AbortController();
  const statuses: StatusJson[] = [];
  const histograms = new Map<string, string>();
  const context: WorkerContext = {
    taskId: "task0",
    workerId: 1n,
    node: "node0",
    topology: { nodes: new Map() },
    signal: controller.signal,
    clock,
    log: silentLog,
    randomUuid: () => crypto.randomUUID(),
    report(status) {
      statuses.push(status);
      const reason = options.onStatus?.(status);
      if (reason !== undefined) controller.abort(reason);
    },
    reportHistogram: (name, encoded) => histograms.set(name, encoded),
  };
  clock.sleep(spec.durationMs, ended.signal).then(() => controller.abort("expired"));
  const startUs = clock.nowUs();
  const error = await produceBenchWorker(spec, context).then(
    () => undefined,
    (reason: Error) => reason,
  );
  const tookMs = (clock.nowUs() - startUs) / 1000;
  ended.abort();
  const status = statuses.at(-1) as unknown as ProduceStatus;
  return { status, statuses, histograms, error, tookMs };
}
