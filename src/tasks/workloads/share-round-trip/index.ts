// ShareRoundTripWorkload: messages that are sent, tracked, and received again by a share group.

import { namedNodes } from "../../../spec/types/node-names.ts";
import { defineTask } from "../../define-task.ts";
import { roundTripProgress } from "../../record-tracking/round-trip-progress.ts";
import { roundTripResult } from "../../record-tracking/round-trip-result.ts";
import { checkShareRoundTrip } from "./check.ts";
import { CLASS_NAME, SHORT_NAME, shareRoundTripSchema } from "./spec.ts";

export const shareRoundTrip = defineTask({
  className: CLASS_NAME,
  shortName: SHORT_NAME,
  kind: "workload",
  summary: "Sends messages and tracks each until a share group returns it (Kafka 4.1).",
  schema: shareRoundTripSchema,
  targetNodes: (spec) => namedNodes(spec.clientNode),
  check: checkShareRoundTrip,
  loadWorker: async () => (await import("./worker.ts")).shareRoundTripWorker,
  progress: roundTripProgress,
  result: roundTripResult,
});
