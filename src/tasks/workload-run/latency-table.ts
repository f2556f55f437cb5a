// A table of latency summaries for people.

import { type StatusObject, statusNumber } from "../read-status.ts";
import type { ResultTable, ResultTableRow } from "../task-result.ts";

const members = ["mean", "p50", "p90", "p95", "p99", "p999", "p9999", "max"];
const titles = ["mean", "p50", "p90", "p95", "p99", "p99.9", "p99.99", "max"];

export function latencyTable(title: string, rows: readonly ResultTableRow[]): ResultTable {
  return { title, unit: "us", columns: titles, rows };
}

export function latencyRow(label: string, summary: StatusObject): ResultTableRow {
  return { label, values: members.map((member) => statusNumber(summary, member)) };
}
