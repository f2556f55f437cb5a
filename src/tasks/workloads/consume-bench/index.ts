// ConsumeBench: consumers that take messages in groups or from chosen partitions.

import { namedNodes } from "../../../spec/types/node-names.ts";
import { consumeProgress } from "../../consumption/consume-progress.ts";
import { consumeResult } from "../../consumption/consume-result.ts";
import { defineTask } from "../../define-task.ts";
import { checkConsumeBench } from "./check.ts";
import { CLASS_NAME, consumeBenchSchema, SHORT_NAME } from "./spec.ts";

export const consumeBench = defineTask({
  className: CLASS_NAME,
  shortName: SHORT_NAME,
  kind: "workload",
  summary: "Consumes messages and measures rate, latency and lag.",
  schema: consumeBenchSchema,
  targetNodes: (spec) => namedNodes(spec.consumerNode),
  check: checkConsumeBench,
  loadWorker: async () => (await import("./worker.ts")).consumeBenchWorker,
  progress: consumeProgress,
  result: consumeResult,
});
