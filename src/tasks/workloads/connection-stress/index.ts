// ConnectionStress: connections that are made and closed at a rate.

import { defineTask } from "../../define-task.ts";
import { checkConnectionStress } from "./check.ts";
import { connectionStressProgress, connectionStressResult } from "./result.ts";
import { CLASS_NAME, connectionStressSchema, SHORT_NAME } from "./spec.ts";

export const connectionStress = defineTask({
  className: CLASS_NAME,
  shortName: SHORT_NAME,
  kind: "workload",
  summary: "Connects to brokers again and again at a rate.",
  schema: connectionStressSchema,
  targetNodes: (spec) => spec.clientNode,
  check: checkConnectionStress,
  loadWorker: async () => (await import("./worker.ts")).connectionStressWorker,
  progress: connectionStressProgress,
  result: connectionStressResult,
});
