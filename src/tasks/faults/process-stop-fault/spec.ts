// The spec of ProcessStopFault.

import type { InferOutput } from "valibot";
import { taskEntries } from "../../../spec/task-entries.ts";
import { field } from "../../../spec/types/field.ts";
import { setOf } from "../../../spec/types/list.ts";
import { specObject } from "../../../spec/types/object.ts";
import { text } from "../../../spec/types/text.ts";
import { kafkaTargetField } from "../../kafka-targets/kafka-target.ts";

export const CLASS_NAME = "org.apache.kafka.trogdor.fault.ProcessStopFaultSpec";
export const SHORT_NAME = "ProcessStopFault";

export const processStopSchema = specObject(
  {
    ...taskEntries(CLASS_NAME, SHORT_NAME),
    nodeNames: field(setOf(text()), [], "The nodes whose processes are suspended."),
    kafkaTarget: kafkaTargetField(),
    javaProcessName: field(
      text(),
      "",
      "A part of what `jcmd` shows of a JVM: its pid, its main class or jar, its arguments. " +
        "Empty means every JVM of the node.",
    ),
  },
  { typeField: "class" },
);

export type ProcessStopSpec = InferOutput<typeof processStopSchema>;
