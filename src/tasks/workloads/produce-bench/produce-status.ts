// The status of a produce workload: the reference's fields first and with its meaning, then ours.
// docs/measurement.md says what each number is.

import type { ClientLibrary } from "../../../kafka/client.ts";
import type { LatencyRecorder } from "../../../measure/latency-recorder.ts";
import { type LoadLags, loadLimit } from "../../../measure/load-limit.ts";
import type { RateMeter } from "../../../measure/rates.ts";
import type { EndReason } from "../../workload-run/workload-end.ts";
import type { LoadState } from "./load-state.ts";

/** What the status is made from; null until the load began. */
export interface StatusSources {
  readonly recorder: LatencyRecorder;
  readonly rates: RateMeter;
  readonly state: LoadState;
  readonly maxMessages: number;
  readonly clientLibrary: ClientLibrary;
  readonly warnings: readonly string[];
  /** CPU time of this process since the load began. */
  cpuUs(): number;
}

export type ProduceStatus = ReturnType<typeof produceStatus>;

/** `endReason` null: the load still runs at `nowUs`. */
export function produceStatus(sources: StatusSources, nowUs: number, endReason: EndReason | null) {
  const { recorder, rates, state, clientLibrary, warnings } = sources;
  const { acknowledged, failed } = recorder;
  const isOver = endReason !== null;
  const endUs = isOver && recorder.lastCompletedUs > 0 ? recorder.lastCompletedUs : nowUs;
  const rate = rates.sample(endUs, acknowledged, recorder.bytes);
  const pacing = recorder.pacing.summary();
  return {
    totalSent: acknowledged + failed,
    ...recorder.referenceLatency(),
    transactionsCommitted: state.transactionsCommitted,
    acknowledged,
    failed,
    errors: Object.fromEntries(recorder.errors),
    bytes: recorder.bytes,
    elapsedMs: rate.elapsedMs,
    achievedMessagesPerSec: rate.messagesPerSec,
    intendedMessagesPerSec: state.pacer.ratePerSec,
    bytesPerSec: rate.bytesPerSec,
    intervalMessagesPerSec: rate.intervalMessagesPerSec,
    intervalBytesPerSec: rate.intervalBytesPerSec,
    latencyUs: {
      corrected: { ...recorder.corrected.summary() },
      service: { ...recorder.service.summary() },
    },
    pacingErrorUs: { p50: pacing.p50, p99: pacing.p99, max: pacing.max },
    ...loadLimit(loadLags(sources, nowUs, isOver)),
    warmupExcluded: recorder.warmupExcluded,
    warnings: [...warnings, ...recorderWarnings(sources)],
    endReason,
    clientLibrary,
  };
}

function loadLags(sources: StatusSources, nowUs: number, isOver: boolean): LoadLags {
  const { state, recorder, maxMessages } = sources;
  const { pacer, position } = state;
  const settled = recorder.acknowledged + recorder.failed;
  const elapsedUs = nowUs - pacer.startUs;
  const isAllSent = position >= maxMessages;
  const sendLagUs = isAllSent
    ? state.lastSendUs - pacer.intendedUs(position - 1)
    : nowUs - pacer.intendedUs(position);
  // While messages are under way the oldest of them counts, afterwards the last answer.
  const answerLagUs =
    settled < position && !isOver
      ? nowUs - pacer.intendedUs(settled)
      : recorder.lastCompletedUs - pacer.intendedUs(settled - 1);
  return {
    elapsedUs,
    sendLagUs: position === 0 && isAllSent ? 0 : Math.max(0, sendLagUs),
    answerLagUs: settled === 0 && position === 0 ? 0 : Math.max(0, answerLagUs),
    blockedUs: state.blockedUs,
    busyUs: state.busyUs,
    cpuShare: elapsedUs > 0 ? sources.cpuUs() / elapsedUs : 0,
  };
}

function recorderWarnings({ recorder, state }: StatusSources): string[] {
  const warnings: string[] = [];
  if (state.abortedMessages > 0) {
    warnings.push(`${state.abortedMessages} messages of the last transaction were aborted`);
  }
  if (recorder.saturated > 0) {
    warnings.push(`${recorder.saturated} latencies above a day were counted as a day`);
  }
  return warnings;
}
