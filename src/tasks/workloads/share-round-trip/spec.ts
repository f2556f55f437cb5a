// The spec of ShareRoundTripWorkload: RoundTripWorkload's fields under another name.

import type * as v from "valibot";
import { taskEntries } from "../../../spec/task-entries.ts";
import { specObject } from "../../../spec/types/object.ts";
import { roundTripEntries } from "../../record-tracking/round-trip-entries.ts";

export const CLASS_NAME = "org.apache.kafka.trogdor.workload.ShareRoundTripWorkloadSpec";
export const SHORT_NAME = "ShareRoundTrip";

export const shareRoundTripSchema = specObject(
  { ...taskEntries(CLASS_NAME, SHORT_NAME), ...roundTripEntries() },
  { typeField: "class" },
);

export type ShareRoundTripSpec = v.InferOutput<typeof shareRoundTripSchema>;
