// The spec of NoOp: nothing but what every spec has.

import type { InferOutput } from "valibot";
import { taskEntries } from "../../../spec/task-entries.ts";
import { specObject } from "../../../spec/types/object.ts";

export const CLASS_NAME = "org.apache.kafka.trogdor.task.NoOpTaskSpec";
export const SHORT_NAME = "NoOp";

export const noOpSchema = specObject(
  { ...taskEntries(CLASS_NAME, SHORT_NAME) },
  { typeField: "class" },
);

export type NoOpSpec = InferOutput<typeof noOpSchema>;
