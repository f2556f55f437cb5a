// The spec of FilesUnreadableFault.

import type { InferOutput } from "valibot";
import { taskEntries } from "../../../spec/task-entries.ts";
import { field } from "../../../spec/types/field.ts";
import { int32 } from "../../../spec/types/integer.ts";
import { specObject } from "../../../spec/types/object.ts";
import { text } from "../../../spec/types/text.ts";
import { nodeFields } from "../../node-fault.ts";

export const CLASS_NAME = "org.apache.kafka.trogdor.fault.FilesUnreadableFaultSpec";
export const SHORT_NAME = "FilesUnreadableFault";

export const filesUnreadableSchema = specObject(
  {
    ...taskEntries(CLASS_NAME, SHORT_NAME),
    ...nodeFields(),
    mountPath: field(text(), "", "Where the fault file system is mounted."),
    prefix: field(
      text(),
      "",
      "Files whose path inside the mount begins so, such as /topic-0. Empty means all.",
    ),
    errorCode: field(int32(), 0, "The errno that reads fail with: 5 is EIO."),
  },
  { typeField: "class" },
);

export type FilesUnreadableSpec = InferOutput<typeof filesUnreadableSchema>;
