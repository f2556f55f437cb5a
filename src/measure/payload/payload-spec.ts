// The union of all payload generators: its schema, what is wrong with one beyond its shape, and how
// a spec becomes a generator.

import * as v from "valibot";
import { type Problem, TrogdorError } from "../../core/trogdor-error.ts";
import { generatorUnion } from "../../spec/types/generator-union.ts";
import { type ConstantSpec, constantPayload, constantSchema } from "./constant.ts";
import {
  type GaussianTimestampConstantSpec,
  type GaussianTimestampRandomSpec,
  gaussianTimestampConstantSchema,
  gaussianTimestampPayload,
  gaussianTimestampRandomSchema,
} from "./gaussian-timestamp.ts";
import { nullPayload, nullSchema } from "./null.ts";
import { PAYLOAD_SIZE_MAX_BYTES } from "./payload-fields.ts";
import type { PayloadClock, PayloadGenerator } from "./payload-generator.ts";
import {
  type RandomComponentSpec,
  randomComponentPayload,
  randomComponentSchema,
} from "./random-component.ts";
import { type SequentialSpec, sequentialPayload, sequentialSchema } from "./sequential.ts";
import {
  type TimestampConstantSpec,
  timestampConstantPayload,
  timestampConstantSchema,
} from "./timestamp-constant.ts";
import {
  type TimestampRandomSpec,
  timestampRandomPayload,
  timestampRandomSchema,
} from "./timestamp-random.ts";
import {
  type UniformRandomSpec,
  uniformRandomPayload,
  uniformRandomSchema,
} from "./uniform-random.ts";

export type PayloadSpec =
  | { readonly type: "null" }
  | ConstantSpec
  | SequentialSpec
  | UniformRandomSpec
  | TimestampConstantSpec
  | TimestampRandomSpec
  | GaussianTimestampConstantSpec
  | GaussianTimestampRandomSpec
  | RandomComponentSpec<PayloadSpec>;

export const payloadGenerator: v.GenericSchema<unknown, PayloadSpec> = generatorUnion<PayloadSpec>([
  constantSchema,
  sequentialSchema,
  uniformRandomSchema,
  timestampConstantSchema,
  timestampRandomSchema,
  gaussianTimestampConstantSchema,
  gaussianTimestampRandomSchema,
  randomComponentSchema(v.lazy((): v.GenericSchema<unknown, PayloadSpec> => payloadGenerator)),
  nullSchema,
]);

export function createPayloadGenerator(spec: PayloadSpec, clock: PayloadClock): PayloadGenerator {
  const [problem] = payloadProblems("payload generator", spec);
  if (problem !== undefined) {
    throw new TrogdorError("spec", `${problem.path}: ${problem.message}`);
  }
  switch (spec.type) {
    case "null":
      return nullPayload();
    case "constant":
      return constantPayload(spec);
    case "sequential":
      return sequentialPayload(spec);
    case "uniformRandom":
      return uniformRandomPayload(spec);
    case "timestampConstant":
      return timestampConstantPayload(spec, clock);
    case "timestampRandom":
      return timestampRandomPayload(spec, clock);
    case "gaussianTimestampConstant":
    case "gaussianTimestampRandom":
      return gaussianTimestampPayload(spec, clock);
    case "randomComponent":
      return randomComponentPayload(spec, (component) =>
        createPayloadGenerator(component ?? { type: "null" }, clock),
      );
  }
}

/** What the reference notices only when it generates: missing components, impossible sizes. */
export function payloadProblems(path: string, spec: PayloadSpec): Problem[] {
  if (spec.type === "randomComponent") {
    return spec.components.flatMap(({ component }, index) => {
      const where = `${path}.components[${index}].component`;
      if (component) return payloadProblems(where, component);
      return [{ path: where, message: "is missing: expected a payload generator" }];
    });
  }
  const [name, size] = largestSize(spec);
  if (size >= 0 && size <= PAYLOAD_SIZE_MAX_BYTES) return [];
  const message = `expected 0 to ${PAYLOAD_SIZE_MAX_BYTES} bytes, found ${size}`;
  return [{ path: `${path}.${name}`, message }];
}

function largestSize(spec: Exclude<PayloadSpec, { type: "randomComponent" }>): [string, number] {
  if (spec.type === "null") return ["type", 0];
  if ("size" in spec) return ["size", spec.size];
  return ["messageSizeAverage", Math.max(0, spec.messageSizeAverage)];
}
