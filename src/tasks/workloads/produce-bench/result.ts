// What the last status of ProduceBench says to people: what was sent and how fast, how long it
// took, what went wrong, and what the figures do not mean.

import type { StatusJson } from "../../define-task.ts";
import {
  isStatusObject,
  type StatusObject,
  statusErrors,
  statusMember,
  statusNumber,
  statusWarnings,
} from "../../read-status.ts";
import type { ResultFigure, ResultTable, TaskResult } from "../../task-result.ts";
import type { ProduceBenchSpec } from "./spec.ts";

/** Undefined while the status is still the text of a phase before the load. */
export function produceBenchResult(
  status: StatusJson,
  spec: ProduceBenchSpec,
): TaskResult | undefined {
  if (!isStatusObject(status)) return undefined;
  return {
    figures: figures(status, spec),
    tables: latencyTables(status),
    lists: [
      { title: "Errors", lines: statusErrors(status, "messages") },
      { title: "Warnings", lines: statusWarnings(status) },
    ],
    notes: notes(status),
  };
}

function figures(status: StatusObject, spec: ProduceBenchSpec): ResultFigure[] {
  const number = (name: string) => statusNumber(status, name) ?? 0;
  const acknowledged = number("acknowledged");
  const maxMessages = Number(spec.maxMessages);
  const warmupExcluded = number("warmupExcluded");
  const committed: ResultFigure = {
    label: "committed",
    value: number("transactionsCommitted"),
    unit: "transactions",
  };
  const warmup: ResultFigure = {
    label: "warm-up",
    value: warmupExcluded,
    unit: "messages",
    remark: "not in the latencies",
  };
  return [
    {
      label: "acknowledged",
      value: acknowledged,
      unit: "messages",
      of: acknowledged < maxMessages ? maxMessages : undefined,
    },
    { label: "failed", value: number("failed"), unit: "messages" },
    ...(spec.transactionGenerator ? [committed] : []),
    {
      label: "rate",
      value: number("achievedMessagesPerSec"),
      unit: "messages/s",
      of: number("intendedMessagesPerSec"),
      remark: rateRemark(status),
    },
    { label: "throughput", value: number("bytesPerSec"), unit: "bytes/s" },
    { label: "volume", value: number("bytes"), unit: "bytes" },
    { label: "elapsed", value: number("elapsedMs") * 1000, unit: "us" },
    ...(warmupExcluded > 0 ? [warmup] : []),
  ];
}

function rateRemark(status: StatusObject): string | undefined {
  if (status["rateReached"] !== false) return undefined;
  const limit = status["limitedBy"] === "generator" ? "the load generator" : "the broker";
  return `${limit} was the limit`;
}

const latencyColumns = ["mean", "p50", "p90", "p95", "p99", "p999", "p9999", "max"];
const columnTitles = ["mean", "p50", "p90", "p95", "p99", "p99.9", "p99.99", "max"];

function latencyTables(status: StatusObject): ResultTable[] {
  const latency = statusMember(status, "latencyUs");
  if (!statusNumber(statusMember(latency, "corrected"), "count")) return [];
  const row = (label: string, summary: StatusObject) => ({
    label,
    values: latencyColumns.map((column) => statusNumber(summary, column)),
  });
  const lateness = row("lateness", statusMember(status, "pacingErrorUs"));
  return [
    {
      title: "Latency",
      unit: "us",
      columns: columnTitles,
      rows: [
        row("corrected", statusMember(latency, "corrected")),
        row("service", statusMember(latency, "service")),
        // Behind a schedule that nobody could keep it tells nothing that the rate does not.
        ...(status["rateReached"] === true ? [lateness] : []),
      ],
    },
  ];
}

function notes(status: StatusObject): string[] {
  const acknowledged = statusNumber(status, "acknowledged") ?? 0;
  const result: string[] = [];
  if (status["endReason"] === "expired") {
    result.push("The time was over (durationMs) before all messages were sent and answered.");
  }
  if (status["clientLibrary"] === "kafkajs") result.push("The messages were sent with kafkajs.");
  if (acknowledged === 0) return result;
  if (status["rateReached"] === false) {
    result.push(
      "The intended rate was not reached, so the run was not paced: the corrected latency shows " +
        "how far it fell behind its schedule. For latencies at a rate that is kept, set a lower " +
        "targetMessagesPerSec.",
    );
  }
  const legend =
    "Corrected counts from the time a message was meant to go out, service from the write to the " +
    "socket";
  const lateness = "; lateness is how late messages went out.";
  result.push(`${legend}${status["rateReached"] === true ? lateness : "."}`);
  return result;
}
