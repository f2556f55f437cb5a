// ResourceStressFault: processor, memory, disk and descriptors run short.

import { defineNodeFault } from "../../node-fault.ts";
import { CLASS_NAME, resourceStressProblems, resourceStressSchema, SHORT_NAME } from "./spec.ts";

export const resourceStressFault = defineNodeFault({
  className: CLASS_NAME,
  shortName: SHORT_NAME,
  summary: "Takes processor time, memory, disk space or file descriptors.",
  schema: resourceStressSchema,
  check: resourceStressProblems,
  loadFault: async () => (await import("./worker.ts")).resourceStress,
});
