// Runs one worker in this process: gives it its context, ends it at startMs + durationMs or when it
// is told to stop, and waits for it within a bound. A worker's failure is an outcome, not an
// exception; only a defect of the program is thrown on.

import type { Topology } from "../../core/topology.ts";
import { errorText } from "../../core/trogdor-error.ts";
import type { Clock } from "../../platform/clock/clock.ts";
import type { Log } from "../../platform/log/log.ts";
import type { Processes } from "../../platform/processes/processes.ts";
import type {
  FaultHost,
  StatusJson,
  StopReason,
  TaskSpec,
  TaskType,
  Worker,
} from "../../tasks/define-task.ts";

/** As the reference does, whatever the task. */
export const execTaskId = "task0";

/**
 * The reference's 1. What a fault leaves in the kernel is named after its worker, and there may be
 * other runs and an agent on this node: it gets an id of its own.
 */
export function execWorkerId(kind: TaskType["kind"]): bigint {
  return kind === "fault" ? crypto.getRandomValues(new BigUint64Array(1))[0]! >> 2n : 1n;
}

/** How long a worker may take to end: after its time is over as long as a send may be under way. */
export const expiredGraceMs = 180_000;
/** After a stop by a person or by --timeout nobody wants to wait that long. */
export const stoppedGraceMs = 30_000;

/** Timers of the runtime fire at once beyond 2^31 ms. */
const longestSleepMs = 2 ** 30;

export interface TaskStart {
  readonly spec: TaskSpec;
  readonly taskKind: TaskType["kind"];
  readonly worker: Worker<unknown>;
  readonly node: string;
  readonly topology: Topology;
  readonly clock: Clock;
  readonly log: Log;
  /** For a task that starts processes. */
  readonly processes?: Processes;
  /** For a fault. */
  readonly faultHost?: FaultHost;
  reportHistogram(name: string, encodedBase64: string): void;
}

export interface TaskOutcome {
  /** One sentence; "" is success. */
  readonly error: string;
  /** A programmer's mistake, to be reported as such. */
  readonly defect: unknown;
}

export interface RunningTask {
  readonly outcome: Promise<TaskOutcome>;
  readonly status: StatusJson;
  /** Milliseconds until durationMs is over; 0 when it is. */
  remainingMs(): number;
  stop(): void;
}

export function startTask(start: TaskStart): RunningTask {
  const { spec, clock } = start;
  const controller = new AbortController();
  const ended = new AbortController();
  const hurry = new AbortController();
  const endUs = clock.nowUs() + (Number(spec.startMs) + spec.durationMs - clock.nowMs()) * 1000;
  const remainingMs = () => Math.max(0, (endUs - clock.nowUs()) / 1000);
  let status: StatusJson = null;
  const abort = (reason: StopReason) => {
    if (!controller.signal.aborted) controller.abort(reason);
  };
  const work = async (): Promise<TaskOutcome> => {
    try {
      await start.worker(spec, {
        taskId: execTaskId,
        workerId: execWorkerId(start.taskKind),
        node: start.node,
        topology: start.topology,
        signal: controller.signal,
        clock,
        log: start.log,
        ...(start.processes === undefined ? {} : { processes: start.processes }),
        ...(start.faultHost === undefined ? {} : { faultHost: start.faultHost }),
        randomUuid: () => crypto.randomUUID(),
        report(next) {
          if (!ended.signal.aborted) status = next;
        },
        reportHistogram(name, encodedBase64) {
          if (!ended.signal.aborted) start.reportHistogram(name, encodedBase64);
        },
      });
      return { error: "", defect: undefined };
    } catch (error) {
      return { error: errorText(error), defect: isDefect(error) ? error : undefined };
    }
  };
  const giveUp = async (): Promise<TaskOutcome> => {
    const toldOrEnded = AbortSignal.any([controller.signal, ended.signal]);
    while (remainingMs() > 0 && !toldOrEnded.aborted) {
      await clock.sleep(Math.min(remainingMs(), longestSleepMs), toldOrEnded);
    }
    if (!ended.signal.aborted) abort("expired");
    await clock.sleep(expiredGraceMs, AbortSignal.any([ended.signal, hurry.signal]));
    const graceMs = hurry.signal.aborted ? stoppedGraceMs : expiredGraceMs;
    if (hurry.signal.aborted) await clock.sleep(stoppedGraceMs, ended.signal);
    return {
      error: `the task did not end within ${graceMs / 1000} s of its stop`,
      defect: undefined,
    };
  };
  const outcome = Promise.race([work(), giveUp()]).finally(() => ended.abort());
  return {
    outcome,
    get status() {
      return status;
    },
    remainingMs,
    stop() {
      abort("stopped");
      hurry.abort();
    },
  };
}

/** Errors that the language throws for a mistake in the program, as opposed to a failed task. */
function isDefect(error: unknown): boolean {
  return (
    !(error instanceof Error) ||
    error instanceof TypeError ||
    error instanceof RangeError ||
    error instanceof ReferenceError ||
    error instanceof SyntaxError ||
    error.name === "AssertionError"
  );
}
