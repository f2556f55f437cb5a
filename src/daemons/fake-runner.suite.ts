// A runner for tests: its workers are scripts. By default one starts at once with the status
// "active" and ends when it is told to stop, with the status "done", as NoOp does.

import type { Clock } from "../platform/clock/clock.ts";
import type { StopReason } from "../tasks/define-task.ts";
import type { WorkerListener, WorkerOrder, WorkerRunner } from "./agent/worker-runner.ts";

export interface Script {
  /** How long the start takes; 0 unless given. */
  readonly startMs?: number;
  /** Fails instead of starting. */
  readonly startError?: string;
  /** Halts by itself so long after its start. */
  readonly haltMs?: number;
  readonly haltError?: string;
  /** How long a stop takes; 0 unless given. */
  readonly stopMs?: number;
  readonly stopError?: string;
  /** Reported while it runs; "active" unless given. */
  readonly status?: string | { readonly [key: string]: string };
}

export interface FakeRunner extends WorkerRunner {
  /** Each start, in order: `worker id task id`. */
  readonly starts: string[];
  readonly stops: [workerId: bigint, reason: StopReason][];
  isClosed: boolean;
}

export function fakeRunner(clock: Clock, script: (order: WorkerOrder) => Script = () => ({})) {
  const runner: FakeRunner = {
    starts: [],
    stops: [],
    isClosed: false,
    start(order, listener) {
      runner.starts.push(`${order.workerId} ${order.taskId}`);
      const stopping = Promise.withResolvers<void>();
      void play(clock, script(order), listener, stopping.promise);
      return {
        stop(reason) {
          runner.stops.push([order.workerId, reason]);
          stopping.resolve();
        },
      };
    },
    async close() {
      runner.isClosed = true;
    },
  };
  return runner;
}

async function play(
  clock: Clock,
  script: Script,
  listener: WorkerListener,
  stopping: Promise<void>,
): Promise<void> {
  if (script.startMs !== undefined) await clock.sleep(script.startMs);
  if (script.startError !== undefined) {
    listener.ended(script.startError);
    return;
  }
  listener.status(script.status ?? "active");
  listener.started();
  if (script.haltMs === undefined) await stopping;
  else {
    const halted = await Promise.race([
      clock.sleep(script.haltMs).then(() => true),
      stopping.then(() => false),
    ]);
    if (halted) {
      listener.status("halted");
      listener.ended(script.haltError ?? "");
      return;
    }
  }
  if (script.stopMs !== undefined) await clock.sleep(script.stopMs);
  if (script.status === undefined) listener.status("done");
  listener.ended(script.stopError ?? "");
}
