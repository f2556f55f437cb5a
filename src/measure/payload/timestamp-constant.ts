// The time of generation as a little-endian 64-bit integer of epoch milliseconds, then zeros.

import type * as v from "valibot";
import { specObject } from "../../spec/types/object.ts";
import { typeWord } from "../../spec/types/type-word.ts";
import { writeInt64 } from "./little-endian.ts";
import {
  checked,
  sizeField,
  TIMESTAMP_SIZE_BYTES,
  tooSmallForTimestamp,
} from "./payload-fields.ts";
import type { PayloadClock, PayloadGenerator } from "./payload-generator.ts";

export const timestampConstantSchema = checked(
  specObject(
    {
      type: typeWord("timestampConstant", "The time in 8 bytes, then zeros; at least 8 bytes."),
      size: sizeField(),
    },
    { typeField: "type" },
  ),
  "size",
  tooSmallForTimestamp,
);

export type TimestampConstantSpec = v.InferOutput<typeof timestampConstantSchema>;

export function timestampConstantPayload(
  { size }: TimestampConstantSpec,
  clock: PayloadClock,
): PayloadGenerator {
  return {
    fixedSize: size,
    size: () => size,
    write(_position, target, offset) {
      target.fill(0, offset + TIMESTAMP_SIZE_BYTES, offset + size);
      writeInt64(clock.nowMs(), target, offset);
    },
  };
}
