// ServiceRestartFault: a service is down for a while.

import { defineNodeFault } from "../../node-fault.ts";
import { CLASS_NAME, SHORT_NAME, serviceProblems, serviceRestartSchema } from "./spec.ts";

export const serviceRestartFault = defineNodeFault({
  className: CLASS_NAME,
  shortName: SHORT_NAME,
  summary: "Stops a service (systemd or commands) and starts it at the end.",
  schema: serviceRestartSchema,
  check: serviceProblems,
  runsCommand: ({ unit }) => unit === "",
  loadFault: async () => (await import("./worker.ts")).serviceRestart,
});
