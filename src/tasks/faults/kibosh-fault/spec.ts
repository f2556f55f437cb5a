// The spec of KiboshFault.

import type { InferOutput } from "valibot";
import { isJsonObject, type JsonValue } from "../../../spec/json.ts";
import { type PrintTree, printCompact } from "../../../spec/print.ts";
import { taskEntries } from "../../../spec/task-entries.ts";
import { field, freeJsonField, optionalField } from "../../../spec/types/field.ts";
import { int32 } from "../../../spec/types/integer.ts";
import { specObject } from "../../../spec/types/object.ts";
import { text } from "../../../spec/types/text.ts";
import { nodeFields } from "../../node-fault.ts";

export const CLASS_NAME = "trogdor.KiboshFaultSpec";
export const SHORT_NAME = "KiboshFault";

export const kiboshSchema = specObject(
  {
    ...taskEntries(CLASS_NAME, SHORT_NAME),
    ...nodeFields(),
    mountPath: field(text(), "", "Where the fault file system is mounted."),
    faults: freeJsonField(
      (value) => (value ?? []) as PrintTree,
      'The faults, as they stand in kibosh_control: [{"type": "write_delay", ...}].',
    ),
    crashAfterMs: optionalField(
      int32(),
      "So long after they are in force, all that lose_unsynced tracks and is not synced is lost.",
      { unit: "ms" },
    ),
  },
  { typeField: "class" },
);

export type KiboshSpec = InferOutput<typeof kiboshSchema>;

/** Each as compact JSON; a single fault may stand without its list. */
export function faultTexts({ faults }: Pick<KiboshSpec, "faults">): string[] {
  const list = Array.isArray(faults) ? faults : isJsonObject(faults) ? [faults] : [];
  return (list as readonly JsonValue[]).map((fault) => withDecimalPoint(printCompact(fault)));
}

/** Confluent's Kibosh takes a fraction only with a decimal point. */
function withDecimalPoint(text: string): string {
  return text.replace(/("fraction":)(-?\d+)(?=[,}])/g, "$1$2.0");
}
