// Runs workers in the agent's own process: light tasks, and those that only watch a process that
// they start.

import { errorText } from "../../../core/trogdor-error.ts";
import type { Clock } from "../../../platform/clock/clock.ts";
import type { Log } from "../../../platform/log/log.ts";
import type { Processes } from "../../../platform/processes/processes.ts";
import type { FaultHost, StopReason, WorkerContext } from "../../../tasks/define-task.ts";
import type { RunningWorker, WorkerListener, WorkerOrder, WorkerRunner } from "../worker-runner.ts";
import { type WorkerLimits, workerLimits } from "./worker-limits.ts";

export interface InProcessRunnerOptions {
  readonly processes: Processes;
  readonly clock: Clock;
  readonly log: Log;
  readonly faultHost?: FaultHost;
  readonly limits?: WorkerLimits;
  /** A fresh random UUID; a seeded one in the simulator. */
  readonly randomUuid?: () => string;
}

interface Inmate extends RunningWorker {
  readonly ended: Promise<void>;
}

export function inProcessRunner(options: InProcessRunnerOptions): WorkerRunner {
  const running = new Set<Inmate>();
  return {
    start(order, listener) {
      const worker = startInProcess(options, order, listener);
      running.add(worker);
      void worker.ended.then(() => running.delete(worker));
      return worker;
    },
    async close() {
      const { closeGraceMs } = options.limits ?? workerLimits;
      const workers = [...running];
      for (const worker of workers) worker.stop("stopped");
      const allEnded = Promise.all(workers.map((worker) => worker.ended));
      await Promise.race([allEnded, options.clock.sleep(closeGraceMs)]);
    },
  };
}

function startInProcess(
  options: InProcessRunnerOptions,
  order: WorkerOrder,
  listener: WorkerListener,
): Inmate {
  const stopping = new AbortController();
  const done = new AbortController();
  const gaveUp = Promise.withResolvers<string>();
  let lastReason: StopReason | undefined;
  const context = contextOf(options, order, listener, stopping.signal, done.signal);
  const work = async (): Promise<string> => {
    try {
      const worker = await order.taskType.loadWorker();
      if (order.taskType.kind !== "fault") context.started?.();
      await worker(order.spec, context);
      return "";
    } catch (error) {
      return errorText(error) || "the worker failed without saying why";
    }
  };
  const ended = Promise.race([work(), gaveUp.promise]).then((error) => {
    done.abort();
    listener.ended(error);
  });
  return {
    ended,
    stop(reason) {
      if (lastReason === reason || lastReason === "stopped") return;
      lastReason = reason;
      stopping.abort(reason);
      // What watches a process has bounds of its own, which its spec may set.
      if (order.taskType.watchesProcess) return;
      const limitMs = graceMs(reason, options.limits ?? workerLimits);
      void options.clock.sleep(limitMs, done.signal).then(() => {
        gaveUp.resolve(`the worker did not end within ${limitMs / 1000} s of its stop`);
      });
    },
  };
}

function graceMs(reason: StopReason, limits: WorkerLimits): number {
  return reason === "expired" ? limits.expiredGraceMs : limits.stoppedGraceMs;
}

/** Nothing is told once the worker has ended, or was given up. */
function contextOf(
  options: InProcessRunnerOptions,
  order: WorkerOrder,
  listener: WorkerListener,
  signal: AbortSignal,
  done: AbortSignal,
): WorkerContext {
  const { clock, log, processes, faultHost } = options;
  let hasStarted = false;
  return {
    taskId: order.taskId,
    workerId: order.workerId,
    node: order.node,
    topology: order.topology,
    signal,
    clock,
    log,
    processes,
    ...(faultHost === undefined ? {} : { faultHost }),
    randomUuid: options.randomUuid ?? (() => crypto.randomUUID()),
    report(status) {
      if (!done.aborted) listener.status(status);
    },
    reportHistogram(name, encodedBase64) {
      if (!done.aborted) listener.histogram(name, encodedBase64);
    },
    started() {
      if (done.aborted || hasStarted) return;
      hasStarted = true;
      listener.started();
    },
  };
}
