// ShareConsumeBench: members of a share group that take messages.

import { namedNodes } from "../../../spec/types/node-names.ts";
import { consumeProgress } from "../../consumption/consume-progress.ts";
import { consumeResult } from "../../consumption/consume-result.ts";
import { defineTask } from "../../define-task.ts";
import { checkShareConsumeBench } from "./check.ts";
import { CLASS_NAME, SHORT_NAME, shareConsumeBenchSchema } from "./spec.ts";

export const shareConsumeBench = defineTask({
  className: CLASS_NAME,
  shortName: SHORT_NAME,
  kind: "workload",
  summary: "Consumes messages as members of a share group (Kafka 4.1).",
  schema: shareConsumeBenchSchema,
  targetNodes: (spec) => namedNodes(spec.consumerNode),
  check: checkShareConsumeBench,
  loadWorker: async () => (await import("./worker.ts")).shareConsumeBenchWorker,
  progress: consumeProgress,
  result: consumeResult,
});
