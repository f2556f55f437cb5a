// The native code that works on whole record batches (native/batches/): CRC-32C, counting of
// records, and receiving them. Where it cannot be loaded @node-rs/crc32 computes the CRC, and the
// rest is done without. Loaded at the first use, for most of Trogdor needs nothing of it.

import { loadBatchesAddOn } from "./add-on.ts";

export interface BatchCode {
  /** Of bytes in front, whose CRC is `before`, and `bytes` together. */
  crc32c(bytes: Uint8Array, before?: number): number;
  readonly tally: TallyRecords | undefined;
  /**
   * What has arrived at the socket with this descriptor, in `bytes`. When that is less than
   * `wanted`, sleeps until all of it is there, for `waitUs` at the most. Answers how much that was;
   * 0 also for the socket's end or an error, which its owner will hear of.
   */
  readonly receive: Receive | undefined;
}

export type Receive = (socket: number, bytes: Uint8Array, wanted: number, waitUs: number) => number;

/**
 * Counts at most `recordsMax` records from `place` on, which it moves, and puts pairs of a time
 * stamp and how many neighbours have it into `runs`. Stops in front of what is not plain.
 */
export type TallyRecords = (
  bytes: Uint8Array,
  place: Float64Array,
  recordsMax: number,
  checksCrcs: 0 | 1,
  runs: Float64Array,
) => number;

/** Where the numbers of struct walk_place (native/batches/tally.h) stand in the array. */
export const WalkPlace = {
  batchStart: 0,
  at: 1,
  recordsEnd: 2,
  recordsLeft: 3,
  baseOffset: 4,
  baseTimestamp: 5,
  lastOffset: 6,
  appendTime: 7,
  nextOffset: 8,
  batchesAt: 9,
  batchesEnd: 10,
  /** Of the last record that was counted, and the sizes of all. */
  offset: 11,
  timestamp: 12,
  bytes: 13,
  runs: 14,
  length: 15,
} as const;

type AddOn = Required<BatchCode>;

let loaded: BatchCode | undefined;

export function batchCode(): BatchCode {
  loaded ??= loadBatchCode(loadBatchesAddOn);
  return loaded;
}

/** `load` answers the add-on's exports, or throws. */
export function loadBatchCode(load: () => unknown): BatchCode {
  try {
    const addOn = load() as AddOn;
    // "123456789" is what such functions are compared by.
    if (addOn.crc32c(Buffer.from("123456789")) === 0xe3069283) {
      return { crc32c: addOn.crc32c, tally: addOn.tally, receive: addOn.receive };
    }
  } catch {
    // What cannot be loaded costs time, nothing else.
  }
  return { crc32c: npmCrc32c(), tally: undefined, receive: undefined };
}

function npmCrc32c(): BatchCode["crc32c"] {
  // Not imported above: that would load the package's add-on everywhere.
  const { crc32c } = require("@node-rs/crc32") as typeof import("@node-rs/crc32");
  return (bytes, before = 0) => crc32c(bytes, before);
}
