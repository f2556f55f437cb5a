// Random bytes that depend on seed and position only, then `padding` bytes that are always the
// same, which makes the payloads compressible.

import type * as v from "valibot";
import { field } from "../../spec/types/field.ts";
import { int32 } from "../../spec/types/integer.ts";
import { specObject } from "../../spec/types/object.ts";
import { typeWord } from "../../spec/types/type-word.ts";
import { javaRandom, randomSeed } from "./java-random.ts";
import { checked, seedField, sizeField } from "./payload-fields.ts";
import type { PayloadGenerator } from "./payload-generator.ts";

export const uniformRandomSchema = checked(
  specObject(
    {
      type: typeWord("uniformRandom", "Random bytes, then padding that is always the same."),
      size: sizeField(),
      seed: seedField(),
      padding: field(int32(), 0, "How many of the bytes, at the end, are always the same.", {
        unit: "bytes",
      }),
    },
    { typeField: "type" },
  ),
  "padding",
  (spec) => {
    if (spec.padding >= 0 && spec.padding <= spec.size) return undefined;
    return (
      `Invalid value ${spec.padding} for padding: the number of padding bytes must not be ` +
      `smaller than 0 or greater than the total payload size. The size is ${spec.size}`
    );
  },
);

export type UniformRandomSpec = v.InferOutput<typeof uniformRandomSchema>;

export function uniformRandomPayload(spec: UniformRandomSpec): PayloadGenerator {
  const { size } = spec;
  const random = javaRandom(randomSeed(spec.seed));
  const padding = new Uint8Array(spec.padding);
  random.reseed(0);
  random.nextBytes(padding, 0, padding.length);
  const randomBytes = size - padding.length;
  return {
    fixedSize: size,
    size: () => size,
    write(position, target, offset) {
      random.reseed(position);
      random.nextBytes(target, offset, randomBytes);
      if (padding.length > 0) target.set(padding, offset + randomBytes);
    },
  };
}
