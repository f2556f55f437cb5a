// Schemas of the fields that several types of fault share.

import * as v from "valibot";
import { errnoMax } from "./errno-max.ts";
import { operations } from "./operations.ts";

const codeMessage = `expected an errno from 1 to ${errnoMax}, or its name such as "EIO"`;

/** An errno by number, of either sign as Kibosh takes it, or by name. */
export const codeSchema = v.union(
  [
    v.pipe(
      v.number(),
      v.integer(),
      v.check((code) => Math.abs(code) >= 1 && Math.abs(code) <= errnoMax, codeMessage),
    ),
    v.pipe(v.string(), v.regex(/^E[A-Z0-9]+$/, codeMessage)),
  ],
  codeMessage,
);

export const fractionSchema = v.pipe(
  v.number("expected a number from 0 to 1"),
  v.minValue(0, "expected a number from 0 to 1"),
  v.maxValue(1, "expected a number from 0 to 1"),
);

export const sizeSchema = v.pipe(
  v.number("expected a whole number"),
  v.integer("expected a whole number"),
  v.minValue(0, "expected a number of 0 or more"),
);

const positiveSchema = v.pipe(sizeSchema, v.minValue(1, "expected a number of 1 or more"));

/** What a corruption does; Kibosh's numbers and our names for them. */
export const corruptions = {
  zero: 1000,
  random: 1001,
  zero_tail: 1100,
  random_tail: 1101,
  cut: 1200,
} as const;

const corruptionNames = Object.keys(corruptions) as (keyof typeof corruptions)[];
const corruptionNumbers = Object.values(corruptions);
const modeMessage = `expected one of ${[...corruptionNames, ...corruptionNumbers].join(", ")}`;

export const modeNameSchema = v.picklist(corruptionNames, modeMessage);
export const modeSchema = v.union(
  [modeNameSchema, v.picklist(corruptionNumbers, modeMessage)],
  modeMessage,
);

const operationSchema = v.picklist(
  [...operations, "*"],
  'expected an operation such as "read" or "fsync", or "*"',
);

export const opsSchema = v.union(
  [operationSchema, v.pipe(v.array(operationSchema), v.minLength(1))],
  'expected an operation such as "read" or "fsync", a list of them, or "*"',
);

const dataOperationSchema = v.picklist(["read", "write"]);
export const dataOpsSchema = v.union(
  [dataOperationSchema, v.pipe(v.array(dataOperationSchema), v.minLength(1))],
  'expected "read", "write" or both',
);

/** What a fault of ours applies to: everything that is given must hold. */
export const matchFields = {
  /** The path within the mount begins with this. */
  prefix: v.optional(v.string()),
  suffix: v.optional(v.string()),
  /** `*` and `?` stop at slashes, `**` does not. */
  glob: v.optional(v.string()),
  /** Name of the process or the thread. */
  comm: v.optional(v.string()),
  pid: v.optional(positiveSchema),
  uid: v.optional(sizeSchema),
  min_size: v.optional(sizeSchema),
  max_size: v.optional(sizeSchema),
  min_offset: v.optional(sizeSchema),
  max_offset: v.optional(sizeSchema),
};

/** When a fault of ours fires: all of these must allow it. */
export const triggerFields = {
  /** Leaves that many matching operations alone first. */
  after: v.optional(sizeSchema),
  /** Of those that are left, each so-manieth. */
  every: v.optional(positiveSchema),
  probability: v.optional(fractionSchema),
  /** At most so often. */
  count: v.optional(positiveSchema),
  once: v.optional(v.boolean()),
  /** From the moment when it was set. */
  duration_ms: v.optional(positiveSchema),
};
