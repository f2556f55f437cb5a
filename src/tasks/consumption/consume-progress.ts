// Reads the status of a consuming workload for a progress line.

import type { Progress, StatusJson } from "../define-task.ts";
import { isStatusObject, statusMember, statusNumber } from "../read-status.ts";
import { TOTAL } from "./consume-status.ts";
import { type ConsumerCounts, consumerCount } from "./consumer-count.ts";

export function consumeProgress(status: StatusJson, spec: ConsumerCounts): Progress {
  const total = Number(spec.maxMessages) * consumerCount(spec);
  if (!isStatusObject(status)) return { total };
  const all = statusMember(status, TOTAL);
  const endToEnd = statusMember(statusMember(all, "latencyUs"), "endToEnd");
  const figures: [keyof Progress, number | undefined][] = [
    ["done", statusNumber(all, "received")],
    ["ratePerSec", statusNumber(all, "achievedMessagesPerSec")],
    ["bytesPerSec", statusNumber(all, "bytesPerSec")],
    ["errors", errorCount(statusMember(all, "errors"))],
  ];
  if (statusNumber(endToEnd, "count")) {
    figures.push(
      ["p50Us", statusNumber(endToEnd, "p50")],
      ["p99Us", statusNumber(endToEnd, "p99")],
    );
  }
  const known = figures.filter(([, value]) => value !== undefined);
  return { total, ...Object.fromEntries(known) };
}

function errorCount(errors: { readonly [code: string]: StatusJson }): number {
  return Object.values(errors).reduce((sum: number, count) => sum + Number(count), 0);
}
