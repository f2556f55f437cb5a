// The spec of RoundTripWorkload.

import type * as v from "valibot";
import { taskEntries } from "../../../spec/task-entries.ts";
import { specObject } from "../../../spec/types/object.ts";
import { roundTripEntries } from "../../record-tracking/round-trip-entries.ts";

export const CLASS_NAME = "org.apache.kafka.trogdor.workload.RoundTripWorkloadSpec";
export const SHORT_NAME = "RoundTrip";

export const roundTripSchema = specObject(
  { ...taskEntries(CLASS_NAME, SHORT_NAME), ...roundTripEntries() },
  { typeField: "class" },
);

export type RoundTripSpec = v.InferOutput<typeof roundTripSchema>;
