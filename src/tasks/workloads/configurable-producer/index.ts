// ConfigurableProducer: one producer whose rate, flushes and payloads follow generators.

import { namedNodes } from "../../../spec/types/node-names.ts";
import { defineTask } from "../../define-task.ts";
import { checkConfigurableProducer } from "./check.ts";
import { configurableProducerProgress, configurableProducerResult } from "./result.ts";
import { CLASS_NAME, configurableProducerSchema, SHORT_NAME } from "./spec.ts";

export const configurableProducer = defineTask({
  className: CLASS_NAME,
  shortName: SHORT_NAME,
  kind: "workload",
  summary: "Sends messages in windows, with generators for rate, flushes and payloads.",
  schema: configurableProducerSchema,
  targetNodes: (spec) => namedNodes(spec.producerNode),
  check: checkConfigurableProducer,
  loadWorker: async () => (await import("./worker.ts")).configurableProducerWorker,
  progress: configurableProducerProgress,
  result: configurableProducerResult,
});
