// The workers of a simulated agent. What one does when it is left alone follows from the seed: it
// runs until it is stopped, ends by itself, fails, cannot start, or takes its time to stop.

import { errorText } from "../core/trogdor-error.ts";
import type {
  RunningWorker,
  WorkerListener,
  WorkerOrder,
  WorkerRunner,
} from "../daemons/agent/worker-runner.ts";
import type { Clock } from "../platform/clock/clock.ts";
import { silentLog } from "../platform/log/log.ts";
import type { FaultHost, StopReason, WorkerContext } from "../tasks/define-task.ts";
import { faultWorker } from "../tasks/fault-runner.ts";
import type { DisturbanceCounts } from "./disturbances.ts";
import type { History, WorkerRun } from "./history.ts";
import type { Scheduler } from "./scheduler.ts";
import type { SeededRandom } from "./seeded-random.ts";
import type { SimulatedSpec } from "./simulated-catalog.ts";
import { type SimulatedKernel, simulatedFault } from "./simulated-fault.ts";
import type { Trace } from "./trace.ts";

export interface SimulatedRunnerOptions {
  readonly node: string;
  readonly scheduler: Scheduler;
  readonly clock: Clock;
  readonly random: SeededRandom;
  readonly history: History;
  readonly trace: Trace;
  readonly counts: DisturbanceCounts;
  readonly kernel: SimulatedKernel;
  readonly faultHost: FaultHost;
}

export interface SimulatedRunner extends WorkerRunner {
  /** The agent is gone, and its workers with it. */
  lose(): void;
}

interface Script {
  readonly startMs: number;
  /** Ends by itself after this; undefined: only when it is told. */
  readonly ownEndMs: number | undefined;
  readonly error: string;
  readonly stopMs: number;
}

interface Inmate extends RunningWorker {
  readonly ended: Promise<void>;
}

export function simulatedRunner(options: SimulatedRunnerOptions): SimulatedRunner {
  const { history, scheduler, trace, node } = options;
  const running = new Map<WorkerRun, Inmate>();
  return {
    start(order, listener) {
      const run = newRun(order, node, scheduler.nowMs(), writeScript(options, order));
      history.runs.push(run.run);
      trace.note(node, `worker ${order.workerId} of ${order.taskId} starts`);
      const inmate = startInmate(options, order, run.script, listener, (error) => {
        running.delete(run.run);
        Object.assign(run.run, { endedMs: scheduler.nowMs(), end: "ended", error });
        trace.note(node, `worker ${order.workerId} ended "${error}"`);
      });
      running.set(run.run, inmate);
      return inmate;
    },
    async close() {
      const inmates = [...running.values()];
      for (const inmate of inmates) inmate.stop("stopped");
      await Promise.all(inmates.map(({ ended }) => ended));
    },
    lose() {
      for (const run of running.keys()) {
        Object.assign(run, { endedMs: scheduler.nowMs(), end: "lostWithAgent" });
      }
      running.clear();
    },
  };
}

function newRun(order: WorkerOrder, node: string, startedMs: number, script: Script) {
  const { workerId, taskId, spec } = order;
  const run: WorkerRun = {
    node,
    workerId,
    taskId,
    specStartMs: Number(spec.startMs),
    durationMs: spec.durationMs,
    startedMs,
    endedMs: undefined,
    end: undefined,
    error: "",
    plannedError: script.error,
  };
  return { run, script };
}

function writeScript({ random, counts }: SimulatedRunnerOptions, order: WorkerOrder): Script {
  const own = random.fork(String(order.workerId));
  const startMs = own.chance(0.2) ? own.between(0, 4_000) : own.between(0, 50);
  const isSlow = own.chance(0.1);
  if (isSlow) counts.workerSlowToStop += 1;
  const stopMs = isSlow ? own.between(1_000, 4_000) : own.between(0, 100);
  const script = { startMs, stopMs, ownEndMs: undefined, error: "" };
  if (own.chance(0.06)) {
    counts.workerFailedToStart += 1;
    return { ...script, ownEndMs: 0, error: "it cannot start" };
  }
  if (own.chance(0.1)) {
    counts.workerFailed += 1;
    return { ...script, ownEndMs: own.between(1, 20_000), error: "it broke" };
  }
  return own.chance(0.2) ? { ...script, ownEndMs: own.between(1, 20_000) } : script;
}

function startInmate(
  options: SimulatedRunnerOptions,
  order: WorkerOrder,
  script: Script,
  listener: WorkerListener,
  noteEnd: (error: string) => void,
): Inmate {
  const stopping = new AbortController();
  const context = contextOf(options, order, listener, stopping.signal);
  const spec = order.spec as unknown as SimulatedSpec;
  const work = spec.isFault ? holdFault(options, order, context) : play(options, script, context);
  const ended = work.then(
    () => "",
    (error: unknown) => errorText(error),
  );
  return {
    ended: ended.then((error) => {
      noteEnd(error);
      listener.ended(error);
    }),
    stop: (reason: StopReason) => stopping.abort(reason),
  };
}

async function play(
  { clock }: SimulatedRunnerOptions,
  script: Script,
  { signal, report, started }: WorkerContext,
): Promise<void> {
  await clock.sleep(script.startMs, signal);
  if (script.ownEndMs === 0) throw new Error(script.error);
  if (!signal.aborted) {
    started?.();
    report("active");
  }
  await clock.sleep(script.ownEndMs ?? Number.MAX_SAFE_INTEGER, signal);
  if (!signal.aborted && script.error !== "") throw new Error(script.error);
  await clock.sleep(signal.aborted ? script.stopMs : 0);
  report("done");
}

function holdFault(
  { kernel }: SimulatedRunnerOptions,
  order: WorkerOrder,
  context: WorkerContext,
): Promise<void> {
  return faultWorker(async () => simulatedFault(kernel))(order.spec, context);
}

function contextOf(
  { clock, faultHost, node }: SimulatedRunnerOptions,
  { taskId, workerId, topology }: WorkerOrder,
  listener: WorkerListener,
  signal: AbortSignal,
): WorkerContext {
  return {
    taskId,
    workerId,
    node,
    topology,
    signal,
    clock,
    log: silentLog,
    faultHost,
    randomUuid: () => "00000000-0000-0000-0000-000000000000",
    report: (status) => listener.status(status),
    reportHistogram: () => {},
    started: () => listener.started(),
  };
}
