// ProduceBench: one producer that sends messages at a rate and measures how long they take.

import { namedNodes } from "../../../spec/types/node-names.ts";
import { defineTask } from "../../define-task.ts";
import { checkProduceBench } from "./check.ts";
import { produceBenchProgress } from "./progress.ts";
import { produceBenchResult } from "./result.ts";
import { CLASS_NAME, produceBenchSchema, SHORT_NAME } from "./spec.ts";

export const produceBench = defineTask({
  className: CLASS_NAME,
  shortName: SHORT_NAME,
  kind: "workload",
  summary: "Sends messages to topics at a rate and measures their latency.",
  schema: produceBenchSchema,
  targetNodes: (spec) => namedNodes(spec.producerNode),
  check: checkProduceBench,
  loadWorker: async () => (await import("./worker.ts")).produceBenchWorker,
  progress: produceBenchProgress,
  result: produceBenchResult,
});
