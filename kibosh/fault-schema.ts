// The types of fault that a control document may hold. The first six are Kibosh's, with its fields
// and nothing checked that it would not check; the others are ours and refuse fields they do not
// know. native/fuse/document.c reads the same: kibosh/control-document.test.ts compares the two.

import * as v from "valibot";
import {
  codeSchema,
  dataOpsSchema,
  fractionSchema,
  matchFields,
  modeNameSchema,
  modeSchema,
  opsSchema,
  sizeSchema,
  triggerFields,
} from "./fault-fields.ts";

const hourMs = 3_600_000;
const delayMsSchema = v.pipe(v.number(), v.minValue(0), v.maxValue(24 * hourMs));
const uint32Schema = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(4_294_967_295));
const int32Schema = v.pipe(
  v.number(),
  v.integer(),
  v.minValue(-2_147_483_648),
  v.maxValue(2_147_483_647),
);

const pathFields = { prefix: v.optional(v.string()), suffix: v.optional(v.string()) };

/** `errorCode` is what Kafka's FilesUnreadableFaultSpec writes. */
function codeFault<T extends string>(type: T) {
  return v.pipe(
    v.looseObject({
      type: v.literal(type),
      ...pathFields,
      code: v.optional(codeSchema),
      errorCode: v.optional(codeSchema),
    }),
    v.check(
      (fault) => fault.code !== undefined || fault.errorCode !== undefined,
      'code is missing, expected an errno from 1 to 511, or its name such as "EIO"',
    ),
  );
}

function delayFault<T extends string>(type: T) {
  return v.looseObject({
    type: v.literal(type),
    ...pathFields,
    delay_ms: uint32Schema,
    fraction: fractionSchema,
  });
}

function corruptFault<T extends string>(type: T) {
  return v.looseObject({
    type: v.literal(type),
    ...pathFields,
    mode: modeSchema,
    fraction: fractionSchema,
    count: v.optional(int32Schema),
  });
}

const common = { ...matchFields, ...triggerFields };

const delaySchema = v.strictObject({
  type: v.literal("delay"),
  ...common,
  ops: opsSchema,
  delay_ms: delayMsSchema,
  jitter_ms: v.optional(delayMsSchema),
  max_ms: v.optional(delayMsSchema),
  shape: v.optional(v.pipe(v.number(), v.minValue(0.1), v.maxValue(100))),
  distribution: v.optional(v.picklist(["fixed", "uniform", "normal", "pareto"])),
  continue: v.optional(v.boolean()),
});

const bandwidthSchema = v.strictObject({
  type: v.literal("bandwidth"),
  ...common,
  ops: v.optional(dataOpsSchema),
  bytes_per_sec: v.pipe(v.number(), v.minValue(1), v.maxValue(1e15)),
  continue: v.optional(v.boolean()),
});

const fullDiskSchema = v.strictObject({
  type: v.literal("full_disk"),
  ...common,
  code: v.optional(codeSchema),
  available_bytes: v.optional(sizeSchema),
  available_percent: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(100))),
});

export const faultSchema = v.variant("type", [
  codeFault("unreadable"),
  codeFault("unwritable"),
  delayFault("read_delay"),
  delayFault("write_delay"),
  corruptFault("read_corrupt"),
  corruptFault("write_corrupt"),
  v.strictObject({
    type: v.literal("error"),
    ...common,
    ops: opsSchema,
    code: v.optional(codeSchema),
  }),
  delaySchema,
  bandwidthSchema,
  v.strictObject({
    type: v.literal("short"),
    ...common,
    ops: v.optional(dataOpsSchema),
    max_bytes: v.pipe(sizeSchema, v.minValue(1)),
  }),
  v.strictObject({
    type: v.literal("corrupt"),
    ...common,
    ops: v.optional(dataOpsSchema),
    mode: modeNameSchema,
    fraction: v.optional(fractionSchema),
  }),
  v.strictObject({ type: v.literal("bit_rot"), ...common, rate: fractionSchema }),
  fullDiskSchema,
  v.strictObject({ type: v.literal("read_only"), ...common }),
  v.strictObject({
    type: v.literal("open_limit"),
    ...common,
    code: v.optional(codeSchema),
    limit: v.optional(sizeSchema),
  }),
  v.strictObject({ type: v.literal("failed_sync"), ...common, code: v.optional(codeSchema) }),
  v.strictObject({
    type: v.literal("lose_unsynced"),
    ...common,
    mode: v.optional(v.picklist(["lose", "torn"])),
  }),
]);

export type Fault = v.InferOutput<typeof faultSchema>;
