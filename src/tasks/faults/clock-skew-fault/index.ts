// ClockSkewFault: the node's clock is off.

import { defineNodeFault } from "../../node-fault.ts";
import { CLASS_NAME, clockSkewProblems, clockSkewSchema, SHORT_NAME } from "./spec.ts";

export const clockSkewFault = defineNodeFault({
  className: CLASS_NAME,
  shortName: SHORT_NAME,
  summary: "Sets the node's clock off, in turns or further and further.",
  schema: clockSkewSchema,
  check: clockSkewProblems,
  loadFault: async () => (await import("./worker.ts")).clockSkew,
});
