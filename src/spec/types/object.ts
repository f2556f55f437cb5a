// Objects with known fields. An unknown field is a problem at every depth, all of them are reported
// at once, and each comes with the names that may have been meant.

import * as v from "valibot";
import { didYouMean } from "../../core/nearest-names.ts";
import { isJsonObject, repeatedNamesOf } from "../json.ts";
import { problemText } from "./scalar.ts";

export interface ObjectOptions {
  /** The field that selects the type: repeated, the reference takes it for an unknown field. */
  readonly typeField?: string;
}

/** valibot's strict object, which by itself stops at the first unknown field and takes arrays. */
export function specObject<const Entries extends v.ObjectEntries>(
  entries: Entries,
  options: ObjectOptions = {},
): v.StrictObjectSchema<Entries, undefined> {
  const plain = v.object(entries);
  const strict = v.strictObject(entries);
  return {
    ...strict,
    "~run"(dataset, config) {
      const input = dataset.value;
      if (!isJsonObject(input)) {
        v._addIssue(this, "type", dataset, config, { message: problemText("an object", input) });
        return dataset as unknown as v.FailureDataset<v.StrictObjectIssue>;
      }
      const result = plain["~run"]({ value: input }, config);
      for (const { name, message } of fieldProblems(input, entries, options)) {
        const path: v.ObjectPathItem = {
          type: "object",
          origin: "key",
          input,
          key: name,
          value: input[name],
        };
        v._addIssue(this, "key", result, config, { message, path: [path] });
      }
      return result as ReturnType<(typeof strict)["~run"]>;
    },
  };
}

function fieldProblems(
  input: Readonly<Record<string, unknown>>,
  entries: v.ObjectEntries,
  { typeField }: ObjectOptions,
): { name: string; message: string }[] {
  const known = Object.keys(entries);
  const problems = Object.keys(input)
    .filter((name) => !Object.hasOwn(entries, name))
    .map((name, index) => ({ name, message: unknownField(name, known, index < hintsMax) }));
  if (typeField !== undefined && repeatedNamesOf(input).includes(typeField)) {
    problems.push({ name: typeField, message: "is given twice; keep one of the two" });
  }
  return problems;
}

/** A hint takes longer than all else about a field, and a daemon reads what strangers send. */
const hintsMax = 50;

function unknownField(name: string, known: readonly string[], withHint: boolean): string {
  const hint = withHint ? didYouMean(name, known) : "";
  return hint === "" ? `unknown field; known fields: ${known.join(", ")}` : `unknown field${hint}`;
}
