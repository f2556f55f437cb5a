// Reads the status of ProduceBench for a progress line.

import type { Progress, StatusJson } from "../../define-task.ts";
import {
  isStatusObject,
  type StatusObject,
  statusMember,
  statusNumber,
} from "../../read-status.ts";
import type { ProduceBenchSpec } from "./spec.ts";

/** A text while topics are made, an object of figures afterwards. */
export function produceBenchProgress(status: StatusJson, spec: ProduceBenchSpec): Progress {
  const total = Number(spec.maxMessages);
  if (typeof status === "string") return { phase: status, total };
  if (!isStatusObject(status)) return { total };
  const corrected = statusMember(statusMember(status, "latencyUs"), "corrected");
  const figure = (name: keyof Progress, from: StatusObject, key: string): Progress => {
    const value = statusNumber(from, key);
    return value === undefined ? {} : { [name]: value };
  };
  return {
    total,
    ...figure("done", status, "totalSent"),
    ...figure("ratePerSec", status, "achievedMessagesPerSec"),
    ...figure("intendedPerSec", status, "intendedMessagesPerSec"),
    ...figure("bytesPerSec", status, "bytesPerSec"),
    ...(statusNumber(corrected, "count") === 0
      ? {}
      : { ...figure("p50Us", corrected, "p50"), ...figure("p99Us", corrected, "p99") }),
    ...figure("errors", status, "failed"),
  };
}
