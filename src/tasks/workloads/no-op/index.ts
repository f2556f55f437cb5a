// NoOp: a task that does nothing on every agent node, for trying out a cluster.

import { agentNodeNames } from "../../../core/topology.ts";
import { defineTask } from "../../define-task.ts";
import { CLASS_NAME, noOpSchema, SHORT_NAME } from "./spec.ts";

export const noOp = defineTask({
  className: CLASS_NAME,
  shortName: SHORT_NAME,
  kind: "task",
  summary: "Does nothing on every agent node until its time is over.",
  schema: noOpSchema,
  targetNodes: (_spec, topology) => agentNodeNames(topology),
  check: () => [],
  loadWorker: async () => (await import("./worker.ts")).noOpWorker,
  progress: (status) => (typeof status === "string" ? { phase: status } : {}),
});
