// One round trip load: connects, sends and receives with a reporter beside it, closes within
// bounds, publishes the last status whatever happened, and says whether it succeeded:
//
//     every message acknowledged and come back                    success, "completed"
//     all acknowledged, read to the end, and some not there       error that names the lost ones
//     a person stopped it                                         success, "stopped"
//     durationMs over, one message came back at least             success, "expired"
//     durationMs over, none came back though some were wanted     error with the last cause
//     a client failed for good                                    error with the cause

import { errorText, TrogdorError } from "../../core/trogdor-error.ts";
import type { ClientLibrary, Consumer, KafkaError } from "../../kafka/client.ts";
import { createRateMeter } from "../../measure/rates.ts";
import type { WorkerContext } from "../define-task.ts";
import { closeWithin, STOP_CLOSE_MS } from "../workload-run/close-within.ts";
import { createInterrupt } from "../workload-run/interrupt.ts";
import { reportHistograms, reportUntil } from "../workload-run/periodic-report.ts";
import { type EndReason, endOf, nothingDone, taskError } from "../workload-run/workload-end.ts";
import { beginLoad, isComplete, type RoundTripLoad } from "./round-trip-load.ts";
import { namesOf, type RoundTripSources, roundTripStatus } from "./round-trip-status.ts";
import { sendRecords } from "./send-records.ts";

/** Between two looks whether all is there. */
export const LOOK_MS = 100;
/** Without an arrival for so long, the ends of the partitions are asked for. */
export const SILENCE_MS = 1_000;

export interface RoundTripRun {
  readonly consumer: Pick<Consumer, "onFatal" | "trouble" | "close"> & {
    readonly lagRecords?: number;
  };
  /** Where the partitions end; undefined where nobody can know whether all was read. */
  readonly ends: PartitionEnds | undefined;
  readonly clientLibrary: ClientLibrary;
  readonly warnings: readonly string[];
  connect(): Promise<void>;
}

export interface PartitionEnds {
  look(signal: AbortSignal): Promise<readonly number[]>;
  /** Whether everything below these offsets was taken. */
  isBehind(offsets: readonly number[]): boolean;
}

export async function runRoundTrip(
  load: RoundTripLoad,
  context: WorkerContext,
  run: RoundTripRun,
): Promise<void> {
  const { clock, signal } = context;
  const { consumer } = run;
  const { promise: failed, reject } = Promise.withResolvers<never>();
  failed.catch(() => {});
  consumer.onFatal = (error: KafkaError) => reject(error);
  try {
    await run.connect();
  } catch (error) {
    await closeWithin([load.plan.producer, consumer], STOP_CLOSE_MS, clock);
    if (!signal.aborted) throw taskError(error);
    if (endOf(signal) === "stopped") return;
    throw nothingDone("a message was sent, while connecting", errorText(error));
  }
  beginLoad(load);
  const sources: RoundTripSources = {
    load,
    rates: createRateMeter(load.pacer.startUs),
    clientLibrary: run.clientLibrary,
    warnings: run.warnings,
    lagRecords: () => consumer.lagRecords ?? 0,
    isLossKnown: false,
  };
  const { roundTrip, acknowledgement, service } = load;
  const histograms = { roundTrip, acknowledgement, service };
  const ended = new AbortController();
  const status = (nowUs: number) => roundTripStatus(sources, nowUs, null);
  const reporting = reportUntil(ended.signal, { status, histograms }, context);
  const end = await measuredEnd(sources, run, signal, failed);
  const trouble = load.lastSendError?.message ?? consumer.trouble?.message;
  await closeWithin([load.plan.producer, consumer], STOP_CLOSE_MS, clock);
  ended.abort();
  await reporting;
  const error = end.error ?? missingSuccess(end.endReason, load, trouble);
  const endReason = error === undefined ? end.endReason : "failed";
  context.report(roundTripStatus(sources, clock.nowUs(), endReason));
  reportHistograms(histograms, context);
  if (error !== undefined) throw taskError(error);
}

interface End {
  readonly endReason: EndReason;
  readonly error?: unknown;
}

async function measuredEnd(
  sources: RoundTripSources,
  run: RoundTripRun,
  signal: AbortSignal,
  failed: Promise<never>,
): Promise<End> {
  const { load } = sources;
  try {
    await Promise.race([sendRecords(load), failed]);
    await Promise.race([allBack(sources, run, signal), failed]);
    if (sources.isLossKnown) return { endReason: "failed", error: lossError(load) };
    return { endReason: isComplete(load) ? "completed" : endOf(signal) };
  } catch (error) {
    return signal.aborted ? { endReason: endOf(signal) } : { endReason: "failed", error };
  }
}

/**
 * Resolves when all has come back, when the signal aborts, or when it is sure that some messages
 * will not come: all are acknowledged, and the consumer is behind where the partitions end.
 */
async function allBack(
  sources: RoundTripSources,
  { ends }: RoundTripRun,
  signal: AbortSignal,
): Promise<void> {
  const { load } = sources;
  const { clock } = load.plan;
  const interrupt = createInterrupt(signal);
  const sentUs = clock.nowUs();
  let offsets: readonly number[] | undefined;
  while (!signal.aborted && !isComplete(load)) {
    const silentUs = clock.nowUs() - Math.max(sentUs, load.lastArrivalUs);
    if (ends !== undefined && silentUs >= SILENCE_MS * 1000) {
      if (offsets !== undefined && ends.isBehind(offsets)) {
        sources.isLossKnown = true;
        return;
      }
      try {
        offsets ??= await ends.look(signal);
      } catch {
        // A broker is away: asked again at the next look, until the time is over.
      }
    }
    const change = new Promise<void>((resolve) => {
      load.onChange = resolve;
    });
    const woken = new AbortController();
    await interrupt.wait(Promise.race([change, clock.sleep(LOOK_MS, woken.signal)]));
    woken.abort();
  }
}

function lossError({ tracker }: RoundTripLoad): TrogdorError {
  const lost = tracker.acknowledged - tracker.received;
  const names = namesOf(tracker.missing(), lost);
  return new TrogdorError(
    "task",
    `${lost} of ${tracker.acknowledged} messages were acknowledged and did not come back: ${names}`,
  );
}

function missingSuccess(
  endReason: EndReason,
  { plan, tracker }: RoundTripLoad,
  trouble: string | undefined,
): unknown {
  if (endReason !== "expired" || plan.maxMessages === 0 || tracker.received > 0) return undefined;
  return nothingDone("a message came back", trouble);
}
