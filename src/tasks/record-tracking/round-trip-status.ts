// The status of a round trip: the reference's two fields first, then ours.

import type { ClientLibrary } from "../../kafka/client.ts";
import type { RateMeter } from "../../measure/rates.ts";
import type { EndReason } from "../workload-run/workload-end.ts";
import { NAMED_MAX } from "./record-tracker.ts";
import type { RoundTripLoad } from "./round-trip-load.ts";

export interface RoundTripSources {
  readonly load: RoundTripLoad;
  readonly rates: RateMeter;
  readonly clientLibrary: ClientLibrary;
  readonly warnings: readonly string[];
  lagRecords(): number;
  /** Set when it is sure that what is missing will not come. */
  isLossKnown: boolean;
}

export type RoundTripStatus = ReturnType<typeof roundTripStatus>;

/** `endReason` null: the load still runs at `nowUs`. */
export function roundTripStatus(
  sources: RoundTripSources,
  nowUs: number,
  endReason: EndReason | null,
) {
  const { load, clientLibrary } = sources;
  const { tracker } = load;
  const isOver = endReason !== null;
  const endUs = isOver && load.lastArrivalUs > 0 ? load.lastArrivalUs : nowUs;
  const rate = sources.rates.sample(endUs, tracker.received, load.bytes);
  const missing = sources.isLossKnown ? tracker.missing() : [];
  return {
    totalUniqueSent: tracker.frontier,
    totalReceived: tracker.received,
    acknowledged: tracker.acknowledged,
    failedSends: load.failedSends,
    resent: tracker.resent,
    pending: tracker.frontier - tracker.received,
    lost: sources.isLossKnown ? tracker.acknowledged - tracker.received : 0,
    lostMessages: missing,
    duplicates: tracker.duplicates,
    duplicateMessages: [...tracker.duplicateIndexes],
    duplicatesOfResent: tracker.duplicatesOfResent,
    foreign: tracker.foreign,
    errors: Object.fromEntries(load.errors),
    bytes: load.bytes,
    lagRecords: sources.lagRecords(),
    elapsedMs: rate.elapsedMs,
    achievedMessagesPerSec: rate.messagesPerSec,
    intendedMessagesPerSec: load.pacer.ratePerSec,
    bytesPerSec: rate.bytesPerSec,
    intervalMessagesPerSec: rate.intervalMessagesPerSec,
    latencyUs: {
      roundTrip: { ...load.roundTrip.summary() },
      acknowledgement: { ...load.acknowledgement.summary() },
      service: { ...load.service.summary() },
    },
    warnings: [...sources.warnings, ...warnings(sources, endReason)],
    endReason,
    clientLibrary,
  };
}

function warnings({ load, isLossKnown }: RoundTripSources, endReason: EndReason | null): string[] {
  const { tracker } = load;
  const result: string[] = [];
  if (tracker.duplicates > 0) {
    const names = namesOf(tracker.duplicateIndexes, tracker.duplicates);
    result.push(`${tracker.duplicates} messages came more than once: ${names}`);
  }
  if (tracker.foreign > 0) {
    result.push(`${tracker.foreign} records were not of this task`);
  }
  const pending = tracker.frontier - tracker.received;
  if (endReason === "expired" && pending > 0 && !isLossKnown) {
    result.push(
      `${pending} messages had not come back when the time was over: ` +
        namesOf(tracker.pending(), pending),
    );
  }
  return result;
}

/** The first of `count`, as they are named in sentences. */
export function namesOf(indexes: readonly number[], count: number): string {
  const shown = indexes.slice(0, NAMED_MAX).join(", ");
  return count > indexes.length ? `${shown} and others` : shown;
}
