// What kibosh_status says about a mount: see docs/kibosh.md.

import * as v from "valibot";

const faultStatusSchema = v.object({
  type: v.string(),
  /** Operations that it could have applied to. */
  matched: v.number(),
  /** Operations that it did something to. */
  applied: v.number(),
  lastHitMs: v.optional(v.number()),
  /** How often it still may apply, when that is limited. */
  left: v.optional(v.number()),
  bytesLeft: v.optional(v.number()),
  fault: v.record(v.string(), v.unknown()),
});

const operationStatusSchema = v.object({
  count: v.number(),
  errors: v.number(),
  totalUs: v.number(),
  maxUs: v.number(),
  /** Counts by the binary logarithm of the microseconds: the n-th is below 2^n. */
  log2Us: v.array(v.number()),
});

export const mountStatusSchema = v.object({
  /** Another after each start: faults do not outlive a start. */
  instance: v.string(),
  pid: v.number(),
  seed: v.number(),
  uptimeMs: v.number(),
  directIo: v.boolean(),
  passthrough: v.boolean(),
  threads: v.number(),
  inodes: v.number(),
  handles: v.number(),
  /** Requests that a fault holds up now. */
  delayed: v.number(),
  pendingInvalidations: v.number(),
  tracksUnsynced: v.boolean(),
  /** Id of the last crash, 0 when there was none. */
  lastCrash: v.number(),
  /** Files and names that it put back, and open files that answer EIO since. */
  crashedFiles: v.number(),
  crashedEntries: v.number(),
  crashedHandles: v.number(),
  target: v.string(),
  mountpoint: v.string(),
  controlError: v.string(),
  /** Grows with each document that is put into force. */
  generation: v.number(),
  faults: v.array(faultStatusSchema),
  warnings: v.string(),
  operations: v.record(v.string(), operationStatusSchema),
});

export type MountStatus = v.InferOutput<typeof mountStatusSchema>;
export type OperationStatus = v.InferOutput<typeof operationStatusSchema>;
