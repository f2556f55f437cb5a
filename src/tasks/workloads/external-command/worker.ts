// Runs the command and tells what it says: the reference's protocol and words. What differs: the
// whole group is signalled, its output is read until it has ended, and nothing of it is left
// behind.

import { TrogdorError } from "../../../core/trogdor-error.ts";
import { type PrintTree, printCompact } from "../../../spec/print.ts";
import type { Worker, WorkerContext } from "../../define-task.ts";
import { type ConversationEnd, converse, endBounds } from "./conversation.ts";
import { createLogLimit } from "./log-limit.ts";
import { outputLimits } from "./output-lines.ts";
import type { ExternalCommandSpec } from "./spec.ts";

const GRACE_MS_BY_DEFAULT = 5000;

export const externalCommandWorker: Worker<ExternalCommandSpec> = async (spec, context) => {
  const { command, workload, shutdownGracePeriodMs = GRACE_MS_BY_DEFAULT } = spec;
  const { processes, signal } = context;
  if (command.length === 0) throw cannotStart("No command specified");
  if (processes === undefined) throw cannotStart("no processes may be started here");
  if (signal.aborted) return;
  const process = processes.start({ command });
  const failure: { text?: string } = {};
  const conversation = converse({
    process,
    clock: context.clock,
    limits: outputLimits,
    bounds: endBounds,
    firstLine: firstLine(context.taskId, workload),
    status: context.report,
    ...logging(context),
    failed(error) {
      if (failure.text !== undefined) return;
      failure.text = error;
      stop();
    },
    message() {},
  });
  const stop = () => {
    process.terminate();
    conversation.endWithin(Math.max(0, shutdownGracePeriodMs));
  };
  signal.addEventListener("abort", stop);
  if (process.pid !== undefined) context.started?.();
  const end = await conversation.ended;
  signal.removeEventListener("abort", stop);
  if (failure.text === "") return;
  const error = failure.text ?? errorOf(end, signal.aborted);
  if (error !== "") throw new TrogdorError("task", error);
};

/** The members in the reference's order. A program reads it as one line. */
export function firstLine(taskId: string, workload: PrintTree): string {
  return printCompact({ id: taskId, workload });
}

function logging({ log, clock, taskId }: WorkerContext) {
  const limit = createLogLimit(log, clock);
  return {
    log: (text: string) => limit.write(() => log.info("The command said", { text, taskId })),
    errorLine: (text: string) =>
      limit.write(() => log.error("The command wrote to standard error", { text, taskId })),
    tooLong: () =>
      log.warn("The command wrote a line that is too long and was dropped", { taskId }),
  };
}

function errorOf({ end, remains }: ConversationEnd, wasStopped: boolean): string {
  const left = `${remains.left} of its processes could not be killed (${remains.name})`;
  if (end === undefined) return `The command could not be stopped: ${left}`;
  if (end.kind === "notStarted") return `Unable to start process: ${end.reason}`;
  const exited = `exited with return code ${end.code}`;
  if (remains.left > 0) return `${exited}, but ${left}`;
  if (end.code !== 0) return exited;
  if (wasStopped || remains.killed === 0) return "";
  const count = `${remains.killed} process${remains.killed === 1 ? "" : "es"}`;
  return `${exited}, but left ${count} behind that had to be killed (${remains.name})`;
}

function cannotStart(reason: string): TrogdorError {
  return new TrogdorError("task", `Unable to start process: ${reason}`);
}
