// Runs each worker in a child process of the same executable: a load leaves the agent responsive,
// and a crash costs one worker. The protocol is that of ExternalCommand with some members of our
// own.

import { errorText } from "../../../core/trogdor-error.ts";
import type { Clock } from "../../../platform/clock/clock.ts";
import type { Log } from "../../../platform/log/log.ts";
import type { Processes } from "../../../platform/processes/processes.ts";
import { isJsonObject, type JsonObject } from "../../../spec/json.ts";
import type { StopReason } from "../../../tasks/define-task.ts";
import {
  type Conversation,
  converse,
  type EndBounds,
  endBounds,
} from "../../../tasks/workloads/external-command/conversation.ts";
import { createLogLimit } from "../../../tasks/workloads/external-command/log-limit.ts";
import { statusValue } from "../../../tasks/workloads/external-command/message.ts";
import {
  type OutputLimits,
  outputLimits,
} from "../../../tasks/workloads/external-command/output-lines.ts";
import type { RunningWorker, WorkerListener, WorkerOrder, WorkerRunner } from "../worker-runner.ts";
import { type ChildFate, childError, createLastWords } from "./child-error.ts";
import { childOrderLine } from "./child-order.ts";
import { type WorkerLimits, workerLimits } from "./worker-limits.ts";

export interface ChildWorkerRunnerOptions {
  readonly processes: Processes;
  readonly clock: Clock;
  readonly log: Log;
  /** What starts a child: the executable and its hidden mode. */
  readonly childCommand: readonly string[];
  readonly limits?: WorkerLimits;
  readonly outputLimits?: OutputLimits;
  readonly endBounds?: EndBounds;
}

/** A worker of ours ends what it started before it ends; what is left is left by a crash. */
const childEndBounds: EndBounds = { ...endBounds, leftoverPatienceMs: 0 };

interface Child extends RunningWorker {
  readonly ended: Promise<void>;
  endWithin(graceMs: number): void;
}

export function childWorkerRunner(options: ChildWorkerRunnerOptions): WorkerRunner {
  const { closeGraceMs } = options.limits ?? workerLimits;
  const running = new Set<Child>();
  return {
    start(order, listener) {
      const child = startChild(options, order, listener);
      running.add(child);
      void child.ended.then(() => running.delete(child));
      return child;
    },
    async close() {
      const children = [...running];
      for (const child of children) {
        child.stop("stopped");
        child.endWithin(closeGraceMs);
      }
      await Promise.all(children.map((child) => child.ended));
    },
  };
}

function startChild(
  options: ChildWorkerRunnerOptions,
  order: WorkerOrder,
  listener: WorkerListener,
): Child {
  const { clock, processes } = options;
  const limits = options.limits ?? workerLimits;
  const { firstLine, problem } = orderLine(order);
  if (problem !== "") return failedChild(problem, listener);
  const process = processes.start({ command: options.childCommand });
  const fate: ChildFate = { toldError: undefined, hasReacted: false, stopReason: undefined };
  const ids = { taskId: order.taskId, workerId: order.workerId, node: order.node };
  const lastWords = createLastWords();
  const logLimit = createLogLimit(options.log, clock);
  const conversation: Conversation = converse({
    process,
    clock,
    limits: options.outputLimits ?? outputLimits,
    bounds: options.endBounds ?? childEndBounds,
    firstLine,
    status: (status) => listener.status(status),
    log: (text, message) => logLimit.write(() => writeLog(options.log, text, message, ids)),
    errorLine(text) {
      lastWords.add(text);
      logLimit.write(() => options.log.error("A worker wrote to standard error", { text, ...ids }));
    },
    failed(error) {
      fate.toldError ??= error;
      conversation.endWithin(limits.failedGraceMs);
    },
    message: (message) => take(message, listener, fate),
    tooLong: () => options.log.warn("A line of a worker was too long and was dropped", ids),
  });
  const ended = conversation.ended.then((end) => {
    listener.ended(childError(end, fate, lastWords.text(), limits));
  });
  return {
    ended,
    endWithin: conversation.endWithin,
    stop(reason) {
      if (fate.stopReason === reason || fate.stopReason === "stopped") return;
      const isFirst = fate.stopReason === undefined;
      fate.stopReason = reason;
      conversation.endWithin(graceMs(reason, limits));
      if (!isFirst) return;
      process.write(`${JSON.stringify({ stop: reason })}\n`);
      void clock.sleep(limits.reactionMs).then(() => {
        if (!fate.hasReacted) conversation.endWithin(0);
      });
    },
  };
}

function graceMs(reason: StopReason, limits: WorkerLimits): number {
  return reason === "expired" ? limits.expiredGraceMs : limits.stoppedGraceMs;
}

function orderLine(order: WorkerOrder): { firstLine: string; problem: string } {
  try {
    return { firstLine: childOrderLine(order), problem: "" };
  } catch (error) {
    return { firstLine: "", problem: `the worker's order cannot be written: ${errorText(error)}` };
  }
}

/** `ended` comes later than `start` returns, as always. */
function failedChild(problem: string, listener: WorkerListener): Child {
  const ended = Promise.resolve().then(() => listener.ended(problem));
  return { ended, endWithin() {}, stop() {} };
}

/** Status, log and error have been heard. */
function take(message: JsonObject, listener: WorkerListener, fate: ChildFate): void {
  if (message["started"] === true && !fate.hasStarted) {
    fate.hasStarted = true;
    listener.started();
  }
  if (message["stopping"] === true) fate.hasReacted = true;
  const histogram = message["histogram"];
  if (!isJsonObject(histogram)) return;
  const { name, value } = histogram;
  if (typeof name === "string" && typeof value === "string") listener.histogram(name, value);
}

function writeLog(
  log: Log,
  text: string,
  message: JsonObject,
  ids: Readonly<Record<string, unknown>>,
): void {
  const { level, fields } = message;
  const known = isJsonObject(fields) ? (statusValue(fields) as Record<string, unknown>) : {};
  const write = level === "error" || level === "warn" ? log[level] : log.info;
  write(text, { ...known, ...ids });
}
