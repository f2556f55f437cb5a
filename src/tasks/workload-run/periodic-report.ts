// Publishes the status of a running workload every second and its histograms every ten.

import { encodeHistogram } from "../../measure/histogram-encoding.ts";
import type { LatencyHistogram } from "../../measure/latency-histogram.ts";
import type { StatusJson, WorkerContext } from "../define-task.ts";

export const STATUS_PERIOD_MS = 1_000;
export const HISTOGRAM_PERIOD_MS = 10_000;

export interface Reported {
  status(nowUs: number): StatusJson;
  readonly histograms: Readonly<Record<string, LatencyHistogram>>;
}

/** Resolves when the signal aborts; the caller reports the last status. */
export async function reportUntil(
  signal: AbortSignal,
  reported: Reported,
  context: WorkerContext,
): Promise<void> {
  const { clock } = context;
  let histogramsUs = clock.nowUs();
  while (!signal.aborted) {
    const nowUs = clock.nowUs();
    context.report(reported.status(nowUs));
    if (nowUs - histogramsUs >= HISTOGRAM_PERIOD_MS * 1000) {
      histogramsUs = nowUs;
      reportHistograms(reported.histograms, context);
    }
    await clock.sleep(STATUS_PERIOD_MS, signal);
  }
}

export function reportHistograms(
  histograms: Readonly<Record<string, LatencyHistogram>>,
  { reportHistogram }: Pick<WorkerContext, "reportHistogram">,
): void {
  for (const [name, { hdr }] of Object.entries(histograms)) {
    reportHistogram(name, encodeHistogram(hdr));
  }
}
