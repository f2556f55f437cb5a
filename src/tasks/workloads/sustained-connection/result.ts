// What the status of SustainedConnection says to people, while it runs and at the end.

import type { Progress, StatusJson } from "../../define-task.ts";
import {
  isStatusObject,
  type StatusObject,
  statusErrors,
  statusMember,
  statusNumber,
  statusWarnings,
} from "../../read-status.ts";
import type { TaskResult } from "../../task-result.ts";
import { latencyRow, latencyTable } from "../../workload-run/latency-table.ts";

const kinds = ["Producer", "Consumer", "Metadata"];

export function sustainedConnectionProgress(status: StatusJson): Progress {
  if (!isStatusObject(status)) return {};
  const open = total(status, "Connections");
  return { phase: `${open} connections`, errors: total(status, "FailedConnections") };
}

export function sustainedConnectionResult(status: StatusJson): TaskResult | undefined {
  if (!isStatusObject(status)) return undefined;
  const refreshUs = statusMember(status, "refreshUs");
  const rows = kinds
    .map((kind) => kind.toLowerCase())
    .filter((kind) => statusNumber(statusMember(refreshUs, kind), "count"))
    .map((kind) => latencyRow(kind, statusMember(refreshUs, kind)));
  return {
    figures: kinds.flatMap((kind) => [
      {
        label: `${kind.toLowerCase()} open`,
        value: statusNumber(status, `total${kind}Connections`) ?? 0,
        unit: "connections" as const,
      },
      {
        label: `${kind.toLowerCase()} failed`,
        value: statusNumber(status, `total${kind}FailedConnections`) ?? 0,
        unit: "connections" as const,
      },
    ]),
    tables: rows.length > 0 ? [latencyTable("Time of a refresh", rows)] : [],
    lists: [
      { title: "Errors", lines: statusErrors(status, "times") },
      { title: "Warnings", lines: statusWarnings(status) },
    ],
    notes: ["Open are those that were open when the end came."],
  };
}

function total(status: StatusObject, what: string): number {
  return kinds.reduce((sum, kind) => sum + (statusNumber(status, `total${kind}${what}`) ?? 0), 0);
}
