// Runs the consumers of a worker beside their reporter, publishes the last status whatever
// happened, and says whether they succeeded:
//
//     every consumer has its maxMessages                          success, "completed"
//     a person stopped it                                         success, "stopped"
//     durationMs over, one message received at least              success, "expired"
//     durationMs over, none received though some were wanted      error with the last cause
//     a consumer failed for good                                  error with the cause

import type { Clock } from "../../platform/clock/clock.ts";
import type { StatusJson, WorkerContext } from "../define-task.ts";
import { closeWithin, STOP_CLOSE_MS } from "../workload-run/close-within.ts";
import { reportHistograms, reportUntil } from "../workload-run/periodic-report.ts";
import { type EndReason, endOf, nothingDone, taskError } from "../workload-run/workload-end.ts";
import { consumeStatus, type StatusSources } from "./consume-status.ts";
import type { Consumption } from "./consumption.ts";

/** `start` lets the consumer with this index begin; undefined: nothing was asked for. */
export async function runConsumptions(
  sources: StatusSources,
  context: WorkerContext,
  start: ((index: number) => Promise<void>) | undefined,
): Promise<void> {
  const { clock, signal } = context;
  const { consumptions } = sources;
  const histograms = { endToEnd: sources.endToEnd.histogram };
  const ended = new AbortController();
  const status = (nowUs: number, endReason: EndReason | null): StatusJson =>
    consumeStatus(sources, nowUs, endReason);
  const reported = { status: (nowUs: number) => status(nowUs, null), histograms };
  const reporting = reportUntil(ended.signal, reported, context);
  let endReason: EndReason = "completed";
  let error: unknown;
  try {
    if (start !== undefined) {
      await Promise.race([takeAll(consumptions, start, clock), aborted(signal)]);
    }
    if (!consumptions.every((each) => each.isDone)) endReason = endOf(signal);
  } catch (thrown) {
    if (signal.aborted) endReason = endOf(signal);
    else error = taskError(thrown);
  }
  const trouble = troubleOf(consumptions);
  await closeWithin(consumptions, STOP_CLOSE_MS, clock);
  ended.abort();
  await reporting;
  if (endReason === "expired" && consumptions.every((each) => each.received === 0)) {
    error ??= nothingDone("a message was received", trouble);
  }
  context.report(status(clock.nowUs(), error === undefined ? endReason : "failed"));
  reportHistograms(histograms, context);
  if (error !== undefined) throw error;
}

async function takeAll(
  consumptions: readonly Consumption[],
  start: (index: number) => Promise<void>,
  clock: Clock,
): Promise<void> {
  await Promise.all(
    consumptions.map(async (consumption, index) => {
      await start(index);
      await consumption.done;
      // One that has enough leaves the group, so that the others get its partitions.
      await closeWithin([consumption], STOP_CLOSE_MS, clock);
    }),
  );
}

/** What kept the consumers from receiving anything, as far as one of them knows. */
function troubleOf(consumptions: readonly Consumption[]): string | undefined {
  const known = consumptions.map((each) => each.trouble).find((text) => text !== undefined);
  if (known !== undefined) return known;
  if (consumptions.every((each) => each.assigned.length === 0))
    return "no partitions were assigned";
  return "the partitions held no messages to take";
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
