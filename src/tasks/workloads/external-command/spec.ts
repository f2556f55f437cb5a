// The spec of ExternalCommand.

import type { GenericSchema, InferOutput } from "valibot";
import { javaDoubleText } from "../../../spec/java-double.ts";
import { isJsonNumber, isJsonObject, jsonNumber, membersInOrder } from "../../../spec/json.ts";
import type { PrintTree } from "../../../spec/print.ts";
import { taskEntries } from "../../../spec/task-entries.ts";
import { field, freeJsonField, optionalField } from "../../../spec/types/field.ts";
import { int32 } from "../../../spec/types/integer.ts";
import { listOf } from "../../../spec/types/list.ts";
import { specObject } from "../../../spec/types/object.ts";
import { text } from "../../../spec/types/text.ts";

export const CLASS_NAME = "org.apache.kafka.trogdor.workload.ExternalCommandSpec";
export const SHORT_NAME = "ExternalCommand";

export const externalCommandSchema = specObject(
  {
    ...taskEntries(CLASS_NAME, SHORT_NAME),
    commandNode: field(text(), "", "The node to run the command on."),
    command: field(listOf(text()), [], "The program and its arguments; no shell."),
    workload: freeJsonField(readWorkload, "Any JSON, handed to the command as it is."),
    shutdownGracePeriodMs: emptyIsAbsent(
      optionalField(
        int32(),
        "How long the command may take to end after SIGTERM before it is killed; 5000 without it.",
        { unit: "ms" },
      ),
    ),
  },
  { typeField: "class" },
);

export type ExternalCommandSpec = InferOutput<typeof externalCommandSchema>;

/** As Java reads and prints any JSON: numbers with a fraction or an exponent are doubles. */
function readWorkload(value: unknown): PrintTree {
  if (isJsonNumber(value)) return readNumber(value.text);
  if (Array.isArray(value)) return value.map(readWorkload);
  if (!isJsonObject(value)) return value as PrintTree;
  return new Map(membersInOrder(value).map(([name, member]) => [name, readWorkload(member)]));
}

function readNumber(text: string): PrintTree {
  if (text === "-0") return 0;
  const number = Number(text);
  return Number.isFinite(number) ? jsonNumber(javaDoubleText(number)) : javaDoubleText(number);
}

/** Java takes an empty text for a missing number where a number may be missing. */
function emptyIsAbsent<Schema extends GenericSchema>(schema: Schema): Schema {
  return {
    ...schema,
    "~run": (dataset, config) =>
      schema["~run"](dataset.value === "" ? { value: undefined } : dataset, config),
  } as Schema;
}
