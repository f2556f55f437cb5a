// NetworkFault: directed and partial cuts by peer, port and chance.

import { defineNodeFault } from "../../node-fault.ts";
import { CLASS_NAME, networkFaultProblems, networkFaultSchema, SHORT_NAME } from "./spec.ts";

export const networkFault = defineNodeFault({
  className: CLASS_NAME,
  shortName: SHORT_NAME,
  summary: "Drops, rejects, resets, delays or doubles packets by peer and chance.",
  schema: networkFaultSchema,
  check: networkFaultProblems,
  loadFault: async () => (await import("./worker.ts")).networkFault,
});
