// Reads the status of a round trip for a progress line.

import type { Progress, StatusJson } from "../define-task.ts";
import { isStatusObject, statusMember, statusNumber } from "../read-status.ts";

/** A text while topics are made, an object of figures afterwards. */
export function roundTripProgress(
  status: StatusJson,
  spec: { readonly maxMessages: bigint },
): Progress {
  const total = Number(spec.maxMessages);
  if (typeof status === "string") return { phase: status, total };
  if (!isStatusObject(status)) return { total };
  const latency = statusMember(statusMember(status, "latencyUs"), "roundTrip");
  const figures: [keyof Progress, number | undefined][] = [
    ["done", statusNumber(status, "totalReceived")],
    ["ratePerSec", statusNumber(status, "achievedMessagesPerSec")],
    ["intendedPerSec", statusNumber(status, "intendedMessagesPerSec")],
    ["bytesPerSec", statusNumber(status, "bytesPerSec")],
    ["errors", statusNumber(status, "failedSends")],
  ];
  if (statusNumber(latency, "count")) {
    figures.push(["p50Us", statusNumber(latency, "p50")], ["p99Us", statusNumber(latency, "p99")]);
  }
  return { total, ...Object.fromEntries(figures.filter(([, value]) => value !== undefined)) };
}
