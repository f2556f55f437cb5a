// The time of generation in 8 bytes, then random bytes that depend on seed and position only.

import type * as v from "valibot";
import { specObject } from "../../spec/types/object.ts";
import { typeWord } from "../../spec/types/type-word.ts";
import { javaRandom, randomSeed } from "./java-random.ts";
import { writeInt64 } from "./little-endian.ts";
import {
  checked,
  seedField,
  sizeField,
  TIMESTAMP_SIZE_BYTES,
  tooSmallForTimestamp,
} from "./payload-fields.ts";
import type { PayloadClock, PayloadGenerator } from "./payload-generator.ts";

export const timestampRandomSchema = checked(
  specObject(
    {
      type: typeWord("timestampRandom", "The time in 8 bytes, then random bytes."),
      size: sizeField(),
      seed: seedField(),
    },
    { typeField: "type" },
  ),
  "size",
  tooSmallForTimestamp,
);

export type TimestampRandomSpec = v.InferOutput<typeof timestampRandomSchema>;

export function timestampRandomPayload(
  { size, seed }: TimestampRandomSpec,
  clock: PayloadClock,
): PayloadGenerator {
  const random = javaRandom(randomSeed(seed));
  return {
    fixedSize: size,
    size: () => size,
    write(position, target, offset) {
      random.reseed(position);
      random.nextBytes(target, offset + TIMESTAMP_SIZE_BYTES, size - TIMESTAMP_SIZE_BYTES);
      writeInt64(clock.nowMs(), target, offset);
    },
  };
}
