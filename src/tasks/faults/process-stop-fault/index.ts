// ProcessStopFault: suspends JVMs with SIGSTOP and lets them go on at the end.

import { defineTask } from "../../define-task.ts";
import { faultProgress } from "../../fault-progress.ts";
import { faultWorker } from "../../fault-runner.ts";
import { namedNodes, namedNodesProblems } from "../../node-fault.ts";
import { CLASS_NAME, processStopSchema, SHORT_NAME } from "./spec.ts";

const loadFault = async () => (await import("./worker.ts")).processStop;

export const processStopFault = defineTask({
  className: CLASS_NAME,
  shortName: SHORT_NAME,
  kind: "fault",
  summary: "Suspends JVMs such as Kafka brokers (SIGSTOP, SIGCONT).",
  schema: processStopSchema,
  targetNodes: namedNodes,
  check: namedNodesProblems,
  loadWorker: async () => faultWorker(loadFault),
  loadFault,
  progress: faultProgress,
});
