// What the last status of a round trip says to people: what came back, what did not, and how long
// it took.

import type { StatusJson } from "../define-task.ts";
import {
  isStatusObject,
  type StatusObject,
  statusErrors,
  statusMember,
  statusNumber,
  statusWarnings,
} from "../read-status.ts";
import type { ResultFigure, TaskResult } from "../task-result.ts";
import { latencyRow, latencyTable } from "../workload-run/latency-table.ts";

/** Undefined while the status is still the text of a phase before the load. */
export function roundTripResult(
  status: StatusJson,
  spec: { readonly maxMessages: bigint },
): TaskResult | undefined {
  if (!isStatusObject(status)) return undefined;
  const latency = statusMember(status, "latencyUs");
  const rows = ["roundTrip", "acknowledgement", "service"]
    .filter((name) => statusNumber(statusMember(latency, name), "count"))
    .map((name) => latencyRow(rowTitles[name] ?? name, statusMember(latency, name)));
  return {
    figures: figures(status, Number(spec.maxMessages)),
    tables: rows.length > 0 ? [latencyTable("Latency", rows)] : [],
    lists: [
      { title: "Errors", lines: statusErrors(status, "times") },
      { title: "Warnings", lines: statusWarnings(status) },
    ],
    notes: notes(status),
  };
}

const rowTitles: Readonly<Record<string, string>> = {
  roundTrip: "round trip",
  acknowledgement: "acknowledged",
  service: "service",
};

function figures(status: StatusObject, wanted: number): ResultFigure[] {
  const number = (name: string) => statusNumber(status, name) ?? 0;
  const received = number("totalReceived");
  const count = (label: string, name: string): ResultFigure => ({
    label,
    value: number(name),
    unit: "messages",
  });
  return [
    {
      label: "came back",
      value: received,
      unit: "messages",
      of: received < wanted ? wanted : undefined,
    },
    count("sent", "totalUniqueSent"),
    count("acknowledged", "acknowledged"),
    count("lost", "lost"),
    count("duplicate", "duplicates"),
    {
      label: "rate",
      value: number("achievedMessagesPerSec"),
      unit: "messages/s",
      of: number("intendedMessagesPerSec"),
    },
    { label: "throughput", value: number("bytesPerSec"), unit: "bytes/s" },
    { label: "elapsed", value: number("elapsedMs") * 1000, unit: "us" },
  ];
}

function notes(status: StatusObject): string[] {
  const result: string[] = [];
  if (status["endReason"] === "expired") {
    result.push("The time was over (durationMs) before all messages had come back.");
  }
  if (status["clientLibrary"] === "kafkajs") {
    result.push("The messages were sent and taken with kafkajs.");
  }
  if ((statusNumber(status, "totalReceived") ?? 0) > 0) {
    result.push(
      "Round trip and acknowledged count from the time a message was meant to go out, service " +
        "from the write to the socket to the acknowledgement.",
    );
  }
  return result;
}
