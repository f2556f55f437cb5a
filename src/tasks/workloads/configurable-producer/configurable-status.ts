// The status of ConfigurableProducer: the reference's fields first, then ours.

import type { ClientLibrary } from "../../../kafka/client.ts";
import type { LatencyRecorder } from "../../../measure/latency-recorder.ts";
import type { RateMeter } from "../../../measure/rates.ts";
import type { EndReason } from "../../workload-run/workload-end.ts";
import type { WindowLoad } from "./send-windows.ts";

export interface StatusSources {
  readonly load: WindowLoad;
  readonly recorder: LatencyRecorder;
  readonly rates: RateMeter;
  readonly clientLibrary: ClientLibrary;
  readonly warnings: readonly string[];
}

export type ConfigurableStatus = ReturnType<typeof configurableStatus>;

/** `endReason` null: the load still runs at `nowUs`. */
export function configurableStatus(
  { load, recorder, rates, clientLibrary, warnings }: StatusSources,
  nowUs: number,
  endReason: EndReason | null,
) {
  const { acknowledged, failed } = recorder;
  const endUs =
    endReason !== null && recorder.lastCompletedUs > 0 ? recorder.lastCompletedUs : nowUs;
  const rate = rates.sample(endUs, acknowledged, recorder.bytes);
  const { ratePerSec } = load.schedule;
  const isLimited = Number.isFinite(ratePerSec);
  return {
    totalSent: acknowledged + failed,
    ...recorder.referenceLatency(),
    acknowledged,
    failed,
    errors: Object.fromEntries(recorder.errors),
    bytes: recorder.bytes,
    flushes: load.flushed,
    elapsedMs: rate.elapsedMs,
    achievedMessagesPerSec: rate.messagesPerSec,
    intendedMessagesPerSec: isLimited ? ratePerSec : null,
    bytesPerSec: rate.bytesPerSec,
    intervalMessagesPerSec: rate.intervalMessagesPerSec,
    intervalBytesPerSec: rate.intervalBytesPerSec,
    rateReached: !isLimited || load.due - load.sent <= Math.max(1, ratePerSec / 10),
    latencyUs: {
      corrected: { ...recorder.corrected.summary() },
      service: { ...recorder.service.summary() },
    },
    warnings: [...warnings],
    endReason,
    clientLibrary,
  };
}
