// Objects of which `type` says what they are, as all generators of the reference are.

import * as v from "valibot";
import { didYouMean } from "../../core/nearest-names.ts";
import { isJsonObject } from "../json.ts";
import { describeValue } from "./describe-value.ts";
import { problemText } from "./scalar.ts";

/** valibot's variant over `type`, with words for a missing or unknown one. */
export function generatorUnion<Output>(
  options: readonly v.GenericSchema[],
): v.GenericSchema<unknown, Output> {
  const names = options.map(typeName);
  const variant = v.variant("type", options as never, (issue) => unionProblem(issue, names));
  const schema = variant as unknown as v.GenericSchema<unknown, Output>;
  return {
    ...schema,
    "~run"(dataset, config) {
      if (isJsonObject(dataset.value)) return schema["~run"](dataset, config);
      const message = problemText(`an object with "type": ${names.join(" | ")}`, dataset.value);
      v._addIssue(variant, "type", dataset, config, { message });
      return dataset as unknown as v.FailureDataset<v.BaseIssue<unknown>>;
    },
  };
}

function typeName(option: v.GenericSchema): string {
  const { entries } = option as unknown as { entries: { type: v.GenericSchema } };
  return String(v.getMetadata(entries.type)["const"]);
}

function unionProblem(issue: v.BaseIssue<unknown>, names: readonly string[]): string {
  const expected = `expected one of ${names.join(", ")}`;
  if (issue.input === undefined || issue.input === null) return `is missing: ${expected}`;
  const hint = typeof issue.input === "string" ? didYouMean(issue.input, names) : "";
  return `${expected}, found ${describeValue(issue.input)}${hint}`;
}
