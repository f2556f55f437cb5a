// The workers that run: starts and stops them through the runner, and posts what they tell. A spec
// that cannot do what it asks for never reaches the runner; its worker ends with what is wrong.

import type { AgentEvent } from "../../core/agent/agent-events.ts";
import type { SpecData } from "../../core/spec-data.ts";
import type { Topology } from "../../core/topology.ts";
import { errorText, type Problem } from "../../core/trogdor-error.ts";
import type { Clock } from "../../platform/clock/clock.ts";
import type { Log } from "../../platform/log/log.ts";
import type { StopReason } from "../../tasks/define-task.ts";
import type { TaskCatalog } from "../../tasks/spec-catalog.ts";
import { momentOf } from "../moment-of.ts";
import { createStatusText } from "./status-text.ts";
import type { RunningWorker, WorkerListener, WorkerRunner } from "./worker-runner.ts";

export interface WorkerSetOptions {
  readonly runner: WorkerRunner;
  readonly catalog: TaskCatalog;
  readonly clock: Clock;
  readonly log: Log;
  readonly node: string;
  readonly topology: Topology;
  post(event: AgentEvent): void;
}

export interface WorkerCounts {
  readonly started: number;
  readonly ended: number;
  readonly failed: number;
}

export interface WorkerSet {
  start(workerId: bigint, taskId: string, spec: SpecData): void;
  stop(workerId: bigint, reason: StopReason): void;
  readonly counts: WorkerCounts;
}

interface Entry {
  /** Undefined until the runner has it. */
  worker: RunningWorker | undefined;
  stopReason: StopReason | undefined;
  hasEnded: boolean;
}

export function createWorkerSet(options: WorkerSetOptions): WorkerSet {
  const { clock, log, post, runner, catalog, node, topology } = options;
  const entries = new Map<bigint, Entry>();
  const counts = { started: 0, ended: 0, failed: 0 };

  function start(workerId: bigint, taskId: string, spec: SpecData): void {
    const entry: Entry = { worker: undefined, stopReason: undefined, hasEnded: false };
    entries.set(workerId, entry);
    const ids = { workerId, taskId };
    const listener = listen(ids, entry);
    const fail = (error: unknown) => listener.ended(errorText(error));
    void launch(ids, spec, entry, listener).catch(fail);
  }

  async function launch(
    ids: { readonly workerId: bigint; readonly taskId: string },
    spec: SpecData,
    entry: Entry,
    listener: WorkerListener,
  ): Promise<void> {
    const problems = await catalog.problems(spec);
    if (problems.length > 0) return listener.ended(problemsText(problems));
    if (entry.stopReason !== undefined) return listener.ended("");
    counts.started += 1;
    log.info("worker started", { ...ids, class: spec.className });
    entry.worker = runner.start({ ...ids, node, topology, ...catalog.parsed(spec) }, listener);
  }

  function listen(
    ids: { readonly workerId: bigint; readonly taskId: string },
    entry: Entry,
  ): WorkerListener {
    const { workerId } = ids;
    const status = createStatusText((text) => {
      if (entry.hasEnded) return;
      post({ type: "workerStatus", workerId, status: text, ...momentOf(clock) });
    });
    return {
      started() {
        if (!entry.hasEnded) post({ type: "workerStarted", workerId, ...momentOf(clock) });
      },
      status: (value) => status.report(value),
      histogram: (name, encoded) => status.histogram(name, encoded),
      ended(error) {
        if (entry.hasEnded) return;
        status.flush();
        entry.hasEnded = true;
        if (entries.get(workerId) === entry) entries.delete(workerId);
        counts.ended += 1;
        if (error !== "") counts.failed += 1;
        log.info("worker ended", { ...ids, error });
        post({ type: "workerEnded", workerId, error, ...momentOf(clock) });
      },
    };
  }

  return {
    start,
    stop(workerId, reason) {
      const entry = entries.get(workerId);
      if (entry === undefined) return;
      entry.stopReason = reason;
      entry.worker?.stop(reason);
    },
    counts,
  };
}

/** The problem first: it is in the reference's words where the reference has some. */
function problemsText(problems: readonly Problem[]): string {
  return problems
    .map(({ path, message }) => (path === "" ? message : `${message} (${path})`))
    .join("; ");
}
