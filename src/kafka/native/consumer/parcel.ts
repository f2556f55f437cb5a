// A parcel is a run of whole batches of one topicPartition out of an answer: a piece of the
// answer's bytes with all that is needed to walk it later.

import type { AbortFilter } from "./abort-filter.ts";

/** What the walk needs of a topicPartition and moves on. */
export interface ParcelOwner {
  readonly name: string;
  readonly topicPartition: number;
  /** The offset of the next record to hand over. */
  position: number;
}

export interface Parcel {
  readonly owner: ParcelOwner;
  /** Changes with every seek and assignment: a parcel of another generation is dropped. */
  readonly generation: number;
  bytes: Uint8Array;
  /** Whole batches from here... */
  start: number;
  /** ...to here. */
  end: number;
  /** The offset behind them. */
  readonly nextOffset: number;
  readonly codecs: number;
  /** Undefined when nothing of it is aborted. */
  readonly filter: AbortFilter | undefined;
  readonly receivedUs: number;
}
