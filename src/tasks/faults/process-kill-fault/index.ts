// ProcessKillFault: signals processes, once or in a crash loop.

import { defineNodeFault } from "../../node-fault.ts";
import { CLASS_NAME, processKillProblems, processKillSchema, SHORT_NAME } from "./spec.ts";

export const processKillFault = defineNodeFault({
  className: CLASS_NAME,
  shortName: SHORT_NAME,
  summary: "Kills processes, once or in a crash loop, and starts them again.",
  schema: processKillSchema,
  check: processKillProblems,
  runsCommand: ({ restartCommand }) => restartCommand.length > 0,
  loadFault: async () => (await import("./worker.ts")).processKill,
});
