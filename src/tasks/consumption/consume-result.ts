// What the last status of a consuming workload says to people: what was received and how fast, how
// old the messages were, what each consumer had, and what went wrong.

import type { StatusJson } from "../define-task.ts";
import {
  isStatusObject,
  type StatusObject,
  statusErrors,
  statusMember,
  statusNumber,
  statusWarnings,
} from "../read-status.ts";
import type { ResultFigure, ResultTable, TaskResult } from "../task-result.ts";
import { latencyRow, latencyTable } from "../workload-run/latency-table.ts";
import { TOTAL } from "./consume-status.ts";
import { type ConsumerCounts, consumerCount } from "./consumer-count.ts";

/** Undefined until there are figures. */
export function consumeResult(status: StatusJson, spec: ConsumerCounts): TaskResult | undefined {
  if (!isStatusObject(status) || !isStatusObject(status[TOTAL])) return undefined;
  const total = statusMember(status, TOTAL);
  return {
    figures: figures(total, spec),
    tables: [...latencyTables(total), ...consumerTables(status)],
    lists: [
      { title: "Errors", lines: statusErrors(total, "times") },
      { title: "Warnings", lines: statusWarnings(total) },
    ],
    notes: notes(total),
  };
}

function figures(total: StatusObject, spec: ConsumerCounts): ResultFigure[] {
  const number = (name: string) => statusNumber(total, name) ?? 0;
  const wanted = Number(spec.maxMessages) * consumerCount(spec);
  const received = number("received");
  return [
    {
      label: "received",
      value: received,
      unit: "messages",
      of: received < wanted ? wanted : undefined,
    },
    { label: "rate", value: number("achievedMessagesPerSec"), unit: "messages/s" },
    { label: "throughput", value: number("bytesPerSec"), unit: "bytes/s" },
    { label: "volume", value: number("bytes"), unit: "bytes" },
    { label: "elapsed", value: number("elapsedMs") * 1000, unit: "us" },
    { label: "lag", value: number("lagRecords"), unit: "messages", remark: lagRemark(total) },
  ];
}

function lagRemark(total: StatusObject): string {
  const unknown = statusNumber(total, "lagUnknownPartitions") ?? 0;
  return unknown > 0 ? `at least: ${unknown} partitions were not heard of` : "left at the end";
}

function latencyTables(total: StatusObject): ResultTable[] {
  const endToEnd = statusMember(statusMember(total, "latencyUs"), "endToEnd");
  if (!statusNumber(endToEnd, "count")) return [];
  return [latencyTable("Latency", [latencyRow("end to end", endToEnd)])];
}

/** A row for each of several consumers. */
function consumerTables(status: StatusObject): ResultTable[] {
  const consumers = Object.keys(status).filter((name) => name.startsWith("consumer."));
  if (consumers.length < 2 || consumers.length > CONSUMER_ROWS_MAX) return [];
  const rows = consumers.map((label) => {
    const consumer = statusMember(status, label);
    return {
      label,
      values: ["totalMessagesReceived", "lagRecords"].map((name) => statusNumber(consumer, name)),
    };
  });
  return [{ title: "Consumers", unit: "messages", columns: ["received", "lag"], rows }];
}

const CONSUMER_ROWS_MAX = 20;

function notes(total: StatusObject): string[] {
  const result: string[] = [];
  if (total["endReason"] === "expired") {
    result.push("The time was over (durationMs) before all messages were received.");
  }
  if (total["clientLibrary"] === "kafkajs") result.push("The messages were taken with kafkajs.");
  if ((statusNumber(total, "received") ?? 0) > 0) {
    result.push(
      "End to end counts from the time stamp of a message, by the clocks of two machines; " +
        "messages that lay in the topic before show their age.",
    );
  }
  return result;
}
