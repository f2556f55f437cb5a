// Fields and checks that several payload generators share.

import * as v from "valibot";
import { field } from "../../spec/types/field.ts";
import { int32, int64 } from "../../spec/types/integer.ts";

/** The largest payload that is generated: far above what brokers accept (1 MB by default). */
export const PAYLOAD_SIZE_MAX_BYTES = 128 * 1024 * 1024;

export const sizeField = () => field(int32(), 0, "Bytes of each payload.", { unit: "bytes" });

export const seedField = () =>
  field(int64(), 0, "Seed of the random bytes: the same seed gives the same payloads.");

/** A generator's schema with a check of the whole; the problem is reported at the field `name`. */
export function checked<const Schema extends v.GenericSchema>(
  schema: Schema,
  name: string,
  problem: (spec: v.InferOutput<Schema>) => string | undefined,
): v.GenericSchema<unknown, v.InferOutput<Schema>> {
  const check = v.rawCheck<v.InferOutput<Schema>>(({ dataset, addIssue }) => {
    const message = dataset.typed ? problem(dataset.value) : undefined;
    if (message === undefined) return;
    const input = dataset.value as Record<string, unknown>;
    const value = input[name];
    addIssue({ message, path: [{ type: "object", origin: "value", input, key: name, value }] });
  });
  const piped = v.pipe(schema as v.GenericSchema, check as v.RawCheckAction<unknown>);
  return piped as unknown as v.GenericSchema<unknown, v.InferOutput<Schema>>;
}

export function tooSmallForTimestamp({ size }: { readonly size: number }): string | undefined {
  if (size >= TIMESTAMP_SIZE_BYTES) return undefined;
  return `The size of the payload must be greater than or equal to 8. Found ${size}`;
}

export const TIMESTAMP_SIZE_BYTES = 8;
