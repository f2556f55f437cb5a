// What the status of ConnectionStress says to people, while it runs and at the end.

import type { Progress, StatusJson } from "../../define-task.ts";
import {
  isStatusObject,
  statusErrors,
  statusMember,
  statusNumber,
  statusWarnings,
} from "../../read-status.ts";
import type { TaskResult } from "../../task-result.ts";
import { latencyRow, latencyTable } from "../../workload-run/latency-table.ts";

export function connectionStressProgress(status: StatusJson): Progress {
  if (!isStatusObject(status)) return {};
  const corrected = statusMember(statusMember(status, "latencyUs"), "corrected");
  const figures: [keyof Progress, number | undefined][] = [
    ["ratePerSec", statusNumber(status, "connectsPerSec")],
    ["intendedPerSec", statusNumber(status, "intendedConnectsPerSec")],
    ["errors", statusNumber(status, "totalFailedConnections")],
  ];
  if (statusNumber(corrected, "count")) {
    figures.push(["p50Us", statusNumber(corrected, "p50")]);
    figures.push(["p99Us", statusNumber(corrected, "p99")]);
  }
  const known = figures.filter(([, value]) => value !== undefined);
  return {
    phase: `${statusNumber(status, "totalConnections") ?? 0} connections`,
    ...Object.fromEntries(known),
  };
}

export function connectionStressResult(status: StatusJson): TaskResult | undefined {
  if (!isStatusObject(status)) return undefined;
  const number = (name: string) => statusNumber(status, name) ?? 0;
  const latency = statusMember(status, "latencyUs");
  const corrected = statusMember(latency, "corrected");
  const rows = [
    latencyRow("corrected", corrected),
    latencyRow("service", statusMember(latency, "service")),
  ];
  return {
    figures: [
      { label: "connections", value: number("totalConnections"), unit: "connections" },
      { label: "failed", value: number("totalFailedConnections"), unit: "connections" },
      {
        label: "rate",
        value: number("connectsPerSec"),
        unit: "connections/s",
        of: number("intendedConnectsPerSec"),
      },
      { label: "elapsed", value: number("elapsedMs") * 1000, unit: "us" },
    ],
    tables: statusNumber(corrected, "count") ? [latencyTable("Time to connect", rows)] : [],
    lists: [
      { title: "Errors", lines: statusErrors(status, "connections") },
      { title: "Warnings", lines: statusWarnings(status) },
    ],
    notes: [
      "Corrected counts from the time a connection was meant to be made, service from its start.",
    ],
  };
}
