// ProcessStopFault: suspends JVMs with SIGSTOP and lets them go on at the end.

import { defineTask } from "../../define-task.ts";
import { faultWorker } from "../../fault-runner.ts";
import { CLASS_NAME, processStopSchema, SHORT_NAME } from "./spec.ts";

const loadFault = async () => (await import("./worker.ts")).processStop;

export const processStopFault = defineTask({
  className: CLASS_NAME,
  shortName: SHORT_NAME,
  kind: "fault",
  summary: "Suspends JVMs such as Kafka brokers (SIGSTOP, SIGCONT).",
  schema: processStopSchema,
  targetNodes: (spec) => spec.nodeNames.toSorted(),
  check: (spec) =>
    spec.nodeNames.length > 0 ? [] : [{ path: "nodeNames", message: "No node names specified." }],
  loadWorker: async () => faultWorker(loadFault),
  loadFault,
  progress: (status) => (typeof status === "string" ? { phase: status } : {}),
});
