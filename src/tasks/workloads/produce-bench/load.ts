// One measured load: runs the loop with its reporter, waits for the answers within bounds,
// publishes the final status and histograms whatever happened, and says whether it succeeded:
//
//     all messages sent and answered, one acknowledged at least   success, "completed"
//     a person stopped it                                         success, "stopped"
//     durationMs over, one acknowledged at least                  success, "expired"
//     durationMs over, none acknowledged though some were wanted  error with the last cause
//     all messages failed; the client failed for good             error with the first cause

import { errorText, TrogdorError } from "../../../core/trogdor-error.ts";
import type { Producer } from "../../../kafka/client.ts";
import { encodeHistogram } from "../../../measure/histogram-encoding.ts";
import type { Clock } from "../../../platform/clock/clock.ts";
import type { WorkerContext } from "../../define-task.ts";
import { createInterrupt } from "../../workload-run/interrupt.ts";
import { endLastTransaction, runLoad } from "./load-loop.ts";
import type { LoadPlan } from "./load-state.ts";
import { type EndReason, produceStatus, type StatusSources } from "./produce-status.ts";

export const STATUS_PERIOD_MS = 1_000;
export const HISTOGRAM_PERIOD_MS = 10_000;
/** How long a stopped or failed task waits for answers that are under way. */
export const STOP_CLOSE_MS = 5_000;
/** A producer that does not keep its own bound is left behind after this. */
export const CLOSE_GRACE_MS = 2_000;

export async function runMeasuredLoad(
  plan: LoadPlan,
  context: WorkerContext,
  sources: StatusSources,
): Promise<void> {
  const { clock, signal } = context;
  const ended = new AbortController();
  const reporting = reportUntil(ended.signal, sources, context);
  let end: LoadEnd;
  try {
    await runLoad(plan, sources.state);
    const isComplete = !signal.aborted && (await drain(plan, sources));
    end = isComplete ? { endReason: "completed" } : { endReason: reasonOf(signal) };
  } catch (error) {
    end = signal.aborted ? { endReason: reasonOf(signal) } : { endReason: "failed", error };
  }
  await closeWithin(plan.producer, STOP_CLOSE_MS, clock);
  takeBackOpenTransaction(sources);
  ended.abort();
  await reporting;
  const error = end.error ?? missingSuccess(end.endReason, plan, sources);
  context.report(
    produceStatus(sources, clock.nowUs(), error === undefined ? end.endReason : "failed"),
  );
  reportHistograms(sources, context);
  if (error !== undefined) throw taskError(error);
}

/** The end of a task whose time was over before it could send anything. */
export function neverLoaded(
  context: WorkerContext,
  phase: string,
  cause: string | undefined,
): void {
  if (reasonOf(context.signal) === "stopped") return;
  const text = `durationMs was over before a message was sent, while ${phase}`;
  throw new TrogdorError("task", cause === undefined ? text : `${text}: ${cause}`);
}

export async function closeWithin(
  producer: Producer,
  timeoutMs: number,
  clock: Clock,
): Promise<void> {
  const closed = new AbortController();
  const closing = producer.close(timeoutMs).finally(() => closed.abort());
  await Promise.race([closing, clock.sleep(timeoutMs + CLOSE_GRACE_MS, closed.signal)]);
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

function taskError(error: unknown): unknown {
  if (error instanceof TrogdorError || !(error instanceof Error)) return error;
  // A mistake in this program keeps its type, so that it is reported as one.
  if (error.name !== "Error" && error.name !== "KafkaError") return error;
  return new TrogdorError("task", errorText(error), { cause: error });
}

function reasonOf(signal: AbortSignal): EndReason {
  return signal.reason === "expired" ? "expired" : "stopped";
}

async function reportUntil(
  signal: AbortSignal,
  sources: StatusSources,
  { clock, report, reportHistogram }: WorkerContext,
): Promise<void> {
  let histogramsUs = clock.nowUs();
  while (!signal.aborted) {
    const nowUs = clock.nowUs();
    report(produceStatus(sources, nowUs, null));
    if (nowUs - histogramsUs >= HISTOGRAM_PERIOD_MS * 1000) {
      histogramsUs = nowUs;
      reportHistograms(sources, { reportHistogram });
    }
    await clock.sleep(STATUS_PERIOD_MS, signal);
  }
}

function reportHistograms(
  { recorder }: StatusSources,
  { reportHistogram }: Pick<WorkerContext, "reportHistogram">,
): void {
  reportHistogram("corrected", encodeHistogram(recorder.corrected.hdr));
  reportHistogram("service", encodeHistogram(recorder.service.hdr));
  reportHistogram("pacing", encodeHistogram(recorder.pacing.hdr));
}
