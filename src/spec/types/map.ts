// Maps with free keys: the output is a Map in the order of the input, so no key is special.

import * as v from "valibot";
import { isJsonObject } from "../json.ts";
import { problemText } from "./scalar.ts";
import { text } from "./text.ts";

export type MapSchema<Value extends v.GenericSchema> = v.GenericSchema<
  unknown,
  ReadonlyMap<string, v.InferOutput<Value>>
> & { readonly value: Value };

export interface MapOptions {
  /** What is wrong with a key, or undefined. */
  readonly keyProblem?: (key: string) => string | undefined;
  /** Complains about a null value instead of dropping its entry. */
  readonly refusesNull?: true;
}

/** Entries with a null value are dropped: they do not survive the reference's printing either. */
export function mapOf<const Value extends v.GenericSchema>(
  value: Value,
  options: MapOptions = {},
): MapSchema<Value> {
  const record = v.record(v.string(), value);
  const run: MapSchema<Value>["~run"] = (dataset, config) => {
    const input = dataset.value;
    if (isJsonObject(input)) return runEntries(record, input, options, config);
    v._addIssue(record, "type", dataset, config, { message: problemText("an object", input) });
    return dataset as unknown as v.FailureDataset<v.BaseIssue<unknown>>;
  };
  return { ...record, "~run": run } as unknown as MapSchema<Value>;
}

/** A map of texts, as client configurations are. */
export const textMap = (options?: MapOptions) => mapOf(text(), options);

function runEntries<Value extends v.GenericSchema>(
  schema: v.RecordSchema<v.StringSchema<undefined>, Value, undefined>,
  input: Readonly<Record<string, unknown>>,
  options: MapOptions,
  config: v.Config<v.BaseIssue<unknown>>,
): v.OutputDataset<ReadonlyMap<string, v.InferOutput<Value>>, v.BaseIssue<unknown>> {
  const output = new Map<string, v.InferOutput<Value>>();
  const issues: v.BaseIssue<unknown>[] = [];
  for (const [key, value] of Object.entries(input)) {
    const path: v.ObjectPathItem = {
      type: "object",
      origin: "value",
      input: input as Record<string, unknown>,
      key,
      value,
    };
    const problem = options.keyProblem?.(key);
    if (problem !== undefined) {
      const keyDataset: v.OutputDataset<unknown, v.BaseIssue<unknown>> = {
        typed: true,
        value: key,
      };
      v._addIssue(schema, "key", keyDataset, config, { message: problem, path: [path] });
      issues.push(...(keyDataset.issues ?? []));
    }
    if (value === null && !options.refusesNull) continue;
    const dataset = schema.value["~run"]({ value }, config);
    for (const issue of dataset.issues ?? []) {
      issues.push({ ...issue, path: [path, ...(issue.path ?? [])] });
    }
    output.set(key, dataset.value as v.InferOutput<Value>);
  }
  const [first, ...rest] = issues;
  if (first === undefined) return { typed: true, value: output };
  return { typed: false, value: output, issues: [first, ...rest] };
}
