// What the builders of single values share: a function reads the JSON value or refuses it, and the
// metadata is the value's JSON Schema, which @valibot/to-json-schema copies as it is.

import * as v from "valibot";
import { describeValue } from "./describe-value.ts";

/** Answered by a reader for a value that it does not accept; `problem` replaces the usual words. */
export interface Refusal {
  readonly refused: true;
  readonly problem?: string;
}

export const refused: Refusal = { refused: true };

export interface ScalarOptions<T> {
  /** Ends the sentence "expected ...". */
  readonly expected: string;
  readonly jsonSchema: Readonly<Record<string, unknown>>;
  read(value: unknown): T | Refusal;
}

/** A schema for one value with the reference's coercions. */
export function scalar<T>(options: ScalarOptions<T>) {
  return v.pipe(
    v.unknown(),
    v.metadata({ ...options.jsonSchema }),
    v.rawTransform<unknown, T>(({ dataset, addIssue, NEVER }) => {
      const result = options.read(dataset.value);
      if (!isRefusal(result)) return result;
      addIssue({ message: result.problem ?? problemText(options.expected, dataset.value) });
      return NEVER;
    }),
  );
}

export function problemText(expected: string, found: unknown): string {
  return `expected ${expected}, found ${describeValue(found)}`;
}

function isRefusal(value: unknown): value is Refusal {
  return typeof value === "object" && value !== null && "refused" in value;
}
