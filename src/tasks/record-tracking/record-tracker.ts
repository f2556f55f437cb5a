// What became of each message of a round trip: handed out, acknowledged, come back, come back
// twice. Messages are known by their index; memory is a few bits for each that is under way.

import { createIndexSet } from "./index-set.ts";

/** Messages that are named in a status. */
export const NAMED_MAX = 10;

export type Arrival = "first" | "again" | "foreign";

export interface RecordTracker {
  /** Indexes that were handed out so far: 0 to frontier - 1. */
  readonly frontier: number;
  readonly acknowledged: number;
  readonly received: number;
  /** Records that came again, without those that were sent twice because of a failure. */
  readonly duplicates: number;
  readonly duplicatesOfResent: number;
  /** Records that are none of this task's. */
  readonly foreign: number;
  /** Messages that were handed out a second time, because their send had failed. */
  readonly resent: number;
  /** The first messages that came twice. */
  readonly duplicateIndexes: readonly number[];
  /** A new index. */
  handOut(): number;
  /** An index of which the send failed, to be handed out before new ones. */
  failedSend(index: number): void;
  /** The next index of a failed send; undefined: there is none. */
  takeFailed(): number | undefined;
  readonly failedWaiting: number;
  acknowledge(index: number): void;
  arrive(index: number): Arrival;
  arriveForeign(): void;
  /** The first messages that were acknowledged and have not come back. */
  missing(): number[];
  /** The first messages that have not come back, acknowledged or not. */
  pending(): number[];
}

export function createRecordTracker(): RecordTracker {
  const handedOut = createIndexSet();
  const acknowledged = createIndexSet();
  const received = createIndexSet();
  const resent = createIndexSet();
  const failed: number[] = [];
  const duplicateIndexes: number[] = [];
  let frontier = 0;
  let duplicates = 0;
  let duplicatesOfResent = 0;
  let foreign = 0;

  return {
    get frontier() {
      return frontier;
    },
    get acknowledged() {
      return acknowledged.size;
    },
    get received() {
      return received.size;
    },
    get duplicates() {
      return duplicates;
    },
    get duplicatesOfResent() {
      return duplicatesOfResent;
    },
    get foreign() {
      return foreign;
    },
    get resent() {
      return resent.size;
    },
    duplicateIndexes,
    handOut() {
      handedOut.add(frontier);
      frontier += 1;
      return frontier - 1;
    },
    failedSend(index) {
      failed.push(index);
    },
    takeFailed() {
      const index = failed.shift();
      if (index !== undefined) resent.add(index);
      return index;
    },
    get failedWaiting() {
      return failed.length;
    },
    acknowledge: (index) => void acknowledged.add(index),
    arrive(index) {
      if (index >= frontier) {
        foreign += 1;
        return "foreign";
      }
      if (received.add(index)) return "first";
      if (resent.has(index)) {
        duplicatesOfResent += 1;
      } else {
        duplicates += 1;
        if (duplicateIndexes.length < NAMED_MAX) duplicateIndexes.push(index);
      }
      return "again";
    },
    arriveForeign() {
      foreign += 1;
    },
    missing: () => acknowledged.firstWithout(received, frontier, NAMED_MAX),
    pending: () => handedOut.firstWithout(received, frontier, NAMED_MAX),
  };
}
