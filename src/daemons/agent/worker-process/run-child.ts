// The child's side: runs the worker that the first line of input orders and tells what it does, one
// JSON object a line. The input stays open; its end, or a stop line, ends the worker.

import { errorText } from "../../../core/trogdor-error.ts";
import type { Clock } from "../../../platform/clock/clock.ts";
import type { Processes } from "../../../platform/processes/processes.ts";
import type { StatusJson, StopReason, WorkerContext } from "../../../tasks/define-task.ts";
import { readMessage } from "../../../tasks/workloads/external-command/message.ts";
import { readChildOrder } from "./child-order.ts";
import { childReports } from "./child-reports.ts";

export interface ChildInput {
  /** The lines of the input, without their ends. */
  readonly lines: AsyncIterable<string>;
  /** Writes a line's text; false while earlier ones wait for a slow reader. */
  write(text: string): void;
  readonly isBehind: () => boolean;
  /** Calls the listener on SIGTERM. */
  onTerminate(listener: () => void): void;
  readonly clock: Clock;
  readonly processes: Processes;
}

/** Resolves with the exit code. Rejects when the input holds no order. */
export async function runChild(input: ChildInput): Promise<number> {
  const lines = input.lines[Symbol.asyncIterator]();
  const first = await lines.next();
  const order = readChildOrder(first.done ? "" : first.value);
  const stopping = new AbortController();
  const reports = childReports(input);
  const stop = (reason: StopReason) => {
    if (stopping.signal.aborted) return;
    reports.tell({ stopping: true });
    stopping.abort(reason);
  };
  input.onTerminate(() => stop("stopped"));
  void followInput(lines, stop);
  let hasStarted = false;
  const started = () => {
    if (!hasStarted) reports.tell({ started: true });
    hasStarted = true;
  };
  const context: WorkerContext = {
    taskId: order.taskId,
    workerId: order.workerId,
    node: order.node,
    topology: order.topology,
    signal: stopping.signal,
    clock: input.clock,
    log: reports.log,
    processes: input.processes,
    randomUuid: () => crypto.randomUUID(),
    report: (status: StatusJson) => reports.status(status),
    reportHistogram: (name, encoded) => reports.histogram(name, encoded),
    started,
  };
  try {
    const worker = await order.taskType.loadWorker();
    if (order.taskType.kind !== "fault") started();
    await worker(order.spec, context);
    reports.close();
    return 0;
  } catch (error) {
    reports.close();
    reports.tell({ error: errorText(error) || "the worker failed without saying why" });
    return 1;
  }
}

/** `{"stop":"expired"}`; the end of the input means that the agent is gone. */
async function followInput(
  lines: AsyncIterator<string>,
  stop: (reason: StopReason) => void,
): Promise<void> {
  for (;;) {
    const { done, value } = await lines.next();
    if (done) break;
    const reason = readMessage(value)?.["stop"];
    if (reason === "expired" || reason === "stopped") stop(reason);
  }
  stop("stopped");
}
