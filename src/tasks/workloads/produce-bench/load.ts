// One measured load: runs the loop with its reporter, waits for the answers within bounds,
// publishes the final status and histograms whatever happened, and says whether it succeeded:
//
//     all messages sent and answered, one acknowledged at least   success, "completed"
//     a person stopped it                                         success, "stopped"
//     durationMs over, one acknowledged at least                  success, "expired"
//     durationMs over, none acknowledged though some were wanted  error with the last cause
//     all messages failed; the client failed for good             error with the first cause

import type { WorkerContext } from "../../define-task.ts";
import { closeWithin, STOP_CLOSE_MS } from "../../workload-run/close-within.ts";
import { createInterrupt } from "../../workload-run/interrupt.ts";
import {
  type Reported,
  reportHistograms,
  reportUntil,
} from "../../workload-run/periodic-report.ts";
import { type EndReason, endOf, nothingDone, taskError } from "../../workload-run/workload-end.ts";
import { endLastTransaction, runLoad } from "./load-loop.ts";
import type { LoadPlan } from "./load-state.ts";
import { produceStatus, type StatusSources } from "./produce-status.ts";

export async function runMeasuredLoad(
  plan: LoadPlan,
  context: WorkerContext,
  sources: StatusSources,
): Promise<void> {
  const { clock, signal } = context;
  const ended = new AbortController();
  const { corrected, service, pacing } = sources.recorder;
  const reported: Reported = {
    status: (nowUs) => produceStatus(sources, nowUs, null),
    histograms: { corrected, service, pacing },
  };
  const reporting = reportUntil(ended.signal, reported, context);
  let end: LoadEnd;
  try {
    await runLoad(plan, sources.state);
    const isComplete = !signal.aborted && (await drain(plan, sources));
    end = isComplete ? { endReason: "completed" } : { endReason: endOf(signal) };
  } catch (error) {
    end = signal.aborted ? { endReason: endOf(signal) } : { endReason: "failed", error };
  }
  await closeWithin([plan.producer], STOP_CLOSE_MS, clock);
  takeBackOpenTransaction(sources);
  ended.abort();
  await reporting;
  const error = end.error ?? missingSuccess(end.endReason, plan, sources);
  context.report(
    produceStatus(sources, clock.nowUs(), error === undefined ? end.endReason : "failed"),
  );
  reportHistograms(reported.histograms, context);
  if (error !== undefined) throw taskError(error);
}

/** The end of a task whose time was over before it could send anything. */
export function neverLoaded(
  context: WorkerContext,
  phase: string,
  cause: string | undefined,
): void {
  if (endOf(context.signal) === "stopped") return;
  throw nothingDone(`a message was sent, while ${phase}`, cause);
}

interface LoadEnd {
  readonly endReason: EndReason;
  readonly error?: unknown;
}

/** Waits until everything is answered, ends the last transaction. False: the task was stopped. */
async function drain(plan: LoadPlan, { state }: StatusSources): Promise<boolean> {
  const { producer, signal } = plan;
  const interrupt = createInterrupt(signal);
  await endLastTransaction(plan, state);
  producer.flush();
  if (!(await interrupt.wait(producer.settled()))) return false;
  if (!state.isTransactionOpen) return true;
  return interrupt.wait(producer.abortTransaction());
}

/** The close has aborted what the loop left open. */
function takeBackOpenTransaction({ state }: StatusSources): void {
  if (!state.isTransactionOpen) return;
  state.isTransactionOpen = false;
  state.abortedMessages += state.transactionMessages;
}

/** Why a task that came to its end did not succeed; undefined when it did. */
function missingSuccess(
  endReason: EndReason,
  plan: LoadPlan,
  { recorder }: StatusSources,
): unknown {
  if (endReason === "stopped" || plan.maxMessages === 0 || recorder.acknowledged > 0) {
    return undefined;
  }
  if (endReason === "completed") return recorder.firstError;
  const text = "durationMs was over before a message was acknowledged";
  const cause = recorder.firstError;
  return new Error(cause === undefined ? text : `${text}: ${cause.message}`, { cause });
}
