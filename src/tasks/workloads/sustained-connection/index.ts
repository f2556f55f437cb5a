// SustainedConnection: clients that are kept open and used now and then.

import { namedNodes } from "../../../spec/types/node-names.ts";
import { defineTask } from "../../define-task.ts";
import { checkSustainedConnection } from "./check.ts";
import { sustainedConnectionProgress, sustainedConnectionResult } from "./result.ts";
import { CLASS_NAME, SHORT_NAME, sustainedConnectionSchema } from "./spec.ts";

export const sustainedConnection = defineTask({
  className: CLASS_NAME,
  shortName: SHORT_NAME,
  kind: "workload",
  summary: "Keeps many connections open and uses each now and then.",
  schema: sustainedConnectionSchema,
  targetNodes: (spec) => namedNodes(spec.clientNode),
  check: checkSustainedConnection,
  loadWorker: async () => (await import("./worker.ts")).sustainedConnectionWorker,
  progress: sustainedConnectionProgress,
  result: sustainedConnectionResult,
});
