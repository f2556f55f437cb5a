// What the status of ConfigurableProducer says to people, while it runs and at the end.

import type { Progress, StatusJson } from "../../define-task.ts";
import {
  isStatusObject,
  type StatusObject,
  statusErrors,
  statusMember,
  statusNumber,
  statusWarnings,
} from "../../read-status.ts";
import type { ResultFigure, TaskResult } from "../../task-result.ts";
import { latencyRow, latencyTable } from "../../workload-run/latency-table.ts";

export function configurableProducerProgress(status: StatusJson): Progress {
  if (typeof status === "string") return { phase: status };
  if (!isStatusObject(status)) return {};
  const corrected = statusMember(statusMember(status, "latencyUs"), "corrected");
  const figures: [keyof Progress, number | undefined][] = [
    ["done", statusNumber(status, "totalSent")],
    ["ratePerSec", statusNumber(status, "achievedMessagesPerSec")],
    ["intendedPerSec", statusNumber(status, "intendedMessagesPerSec")],
    ["bytesPerSec", statusNumber(status, "bytesPerSec")],
    ["errors", statusNumber(status, "failed")],
  ];
  if (statusNumber(corrected, "count")) {
    figures.push(["p50Us", statusNumber(corrected, "p50")]);
    figures.push(["p99Us", statusNumber(corrected, "p99")]);
  }
  return Object.fromEntries(figures.filter(([, value]) => value !== undefined));
}

/** Undefined while the status is still the text of a phase before the load. */
export function configurableProducerResult(status: StatusJson): TaskResult | undefined {
  if (!isStatusObject(status)) return undefined;
  const latency = statusMember(status, "latencyUs");
  const corrected = statusMember(latency, "corrected");
  const rows = [
    latencyRow("corrected", corrected),
    latencyRow("service", statusMember(latency, "service")),
  ];
  return {
    figures: figures(status),
    tables: statusNumber(corrected, "count") ? [latencyTable("Latency", rows)] : [],
    lists: [
      { title: "Errors", lines: statusErrors(status, "messages") },
      { title: "Warnings", lines: statusWarnings(status) },
    ],
    notes: [
      "Corrected counts from the start of the window that a message belongs to, service from the " +
        "write to the socket.",
    ],
  };
}

function figures(status: StatusObject): ResultFigure[] {
  const number = (name: string) => statusNumber(status, name) ?? 0;
  return [
    { label: "acknowledged", value: number("acknowledged"), unit: "messages" },
    { label: "failed", value: number("failed"), unit: "messages" },
    {
      label: "rate",
      value: number("achievedMessagesPerSec"),
      unit: "messages/s",
      of: statusNumber(status, "intendedMessagesPerSec"),
    },
    { label: "throughput", value: number("bytesPerSec"), unit: "bytes/s" },
    { label: "volume", value: number("bytes"), unit: "bytes" },
    { label: "elapsed", value: number("elapsedMs") * 1000, unit: "us" },
  ];
}
