// RoundTripWorkload: messages that are sent, tracked, and received again.

import { namedNodes } from "../../../spec/types/node-names.ts";
import { defineTask } from "../../define-task.ts";
import { roundTripProgress } from "../../record-tracking/round-trip-progress.ts";
import { roundTripResult } from "../../record-tracking/round-trip-result.ts";
import { checkRoundTrip } from "./check.ts";
import { CLASS_NAME, roundTripSchema, SHORT_NAME } from "./spec.ts";

export const roundTrip = defineTask({
  className: CLASS_NAME,
  shortName: SHORT_NAME,
  kind: "workload",
  summary: "Sends messages, tracks each until it comes back, and names the lost ones.",
  schema: roundTripSchema,
  targetNodes: (spec) => namedNodes(spec.clientNode),
  check: checkRoundTrip,
  loadWorker: async () => (await import("./worker.ts")).roundTripWorker,
  progress: roundTripProgress,
  result: roundTripResult,
});
