// The two generators whose sizes vary: sizes follow a normal distribution and change after every
// `messagesUntilSizeChange` payloads. They keep state, so the bytes depend on the calls before, as
// in the reference; asking for the same position again changes nothing.

import type * as v from "valibot";
import { double } from "../../spec/types/double.ts";
import { field } from "../../spec/types/field.ts";
import { int32 } from "../../spec/types/integer.ts";
import { specObject } from "../../spec/types/object.ts";
import { typeWord } from "../../spec/types/type-word.ts";
import { javaRandom, randomSeed } from "./java-random.ts";
import { writeInt64 } from "./little-endian.ts";
import { seedField, TIMESTAMP_SIZE_BYTES } from "./payload-fields.ts";
import type { PayloadClock, PayloadGenerator } from "./payload-generator.ts";

export const gaussianTimestampConstantSchema = specObject(
  {
    type: typeWord("gaussianTimestampConstant", "The time, then zeros; the size varies."),
    ...gaussianFields(),
  },
  { typeField: "type" },
);

export const gaussianTimestampRandomSchema = specObject(
  {
    type: typeWord("gaussianTimestampRandom", "The time, then random bytes; the size varies."),
    ...gaussianFields(),
  },
  { typeField: "type" },
);

export type GaussianTimestampConstantSpec = v.InferOutput<typeof gaussianTimestampConstantSchema>;
export type GaussianTimestampRandomSpec = v.InferOutput<typeof gaussianTimestampRandomSchema>;

export function gaussianTimestampPayload(
  spec: GaussianTimestampConstantSpec | GaussianTimestampRandomSpec,
  clock: PayloadClock,
): PayloadGenerator {
  const isRandom = spec.type === "gaussianTimestampRandom";
  const { messageSizeAverage, messageSizeDeviation, messagesUntilSizeChange } = spec;
  const random = javaRandom(randomSeed(spec.seed));
  let lastPosition = -1;
  let size = 0;
  let payloadsOfSize = 0;
  let wasDrawn = false;

  function moveTo(position: number): void {
    wasDrawn = lastPosition === -1 || payloadsOfSize >= messagesUntilSizeChange;
    lastPosition = position;
    if (wasDrawn) {
      random.reseed(position);
      payloadsOfSize = 0;
      const deviation = javaInt(random.nextGaussian() * messageSizeDeviation);
      size = Math.max((deviation + messageSizeAverage) | 0, TIMESTAMP_SIZE_BYTES);
    }
    payloadsOfSize++;
  }

  return {
    size(position) {
      if (position !== lastPosition) moveTo(position);
      return size;
    },
    write(position, target, offset) {
      if (isRandom) {
        // The whole payload is drawn from the stream, behind the gaussian if one was drawn.
        random.reseed(position);
        if (wasDrawn) random.nextGaussian();
        random.nextBytes(target, offset, size);
      } else {
        target.fill(0, offset + TIMESTAMP_SIZE_BYTES, offset + size);
      }
      writeInt64(clock.nowMs(), target, offset);
    },
  };
}

function gaussianFields() {
  return {
    messageSizeAverage: field(int32(), 0, "Mean of the sizes; at least 8 bytes are made.", {
      unit: "bytes",
    }),
    messageSizeDeviation: field(double(), 0, "Standard deviation of the sizes.", {
      unit: "bytes",
    }),
    messagesUntilSizeChange: field(int32(), 0, "Payloads of one size before the next is drawn.", {
      unit: "messages",
    }),
    seed: seedField(),
  };
}

/** Java's conversion of a double to an int: cut off, clamped, NaN is 0. */
function javaInt(value: number): number {
  if (Number.isNaN(value)) return 0;
  return Math.max(-2147483648, Math.min(2147483647, Math.trunc(value)));
}
