// A task's status as a person reads it when the task type has no result of its own: labels from the
// field names, units from their endings, an object of similar objects as a table.

import type { StatusJson } from "../../tasks/define-task.ts";
import { bytesText, countText, microsText } from "./quantities.ts";

type StatusObject = { readonly [key: string]: StatusJson };

interface Row {
  readonly label: string;
  readonly value: string;
}

export function statusText(status: StatusJson): string {
  if (status === null) return "  (no status)\n";
  if (!isObject(status)) return `  ${scalarText(status, "")}\n`;
  const rows: Row[] = [];
  const blocks: string[] = [];
  for (const [key, value] of Object.entries(status)) {
    addMember(key, value, rows, blocks);
  }
  return alignedRows(rows, 2) + blocks.join("");
}

function addMember(key: string, value: StatusJson, rows: Row[], blocks: string[]): void {
  if (value === null || isEmpty(value)) return;
  if (Array.isArray(value)) {
    const entries = value.map((entry) => `    ${scalarText(entry, key)}\n`);
    blocks.push(`\n  ${label(key)}\n${entries.join("")}`);
  } else if (!isObject(value)) {
    rows.push({ label: label(key), value: scalarText(value, key) });
  } else if (unitOf(key) !== "" && Object.values(value).every(isNumber)) {
    rows.push({ label: label(key), value: inOneLine(value, unitOf(key)) });
  } else if (isTable(value)) {
    blocks.push(`\n${tableText(key, value)}`);
  } else {
    const inner: Row[] = [];
    const innerBlocks: string[] = [];
    for (const [name, entry] of Object.entries(value)) {
      addMember(withUnit(name, unitOf(key)), entry, inner, innerBlocks);
    }
    blocks.push(`\n  ${label(key)}\n${alignedRows(inner, 4)}${innerBlocks.join("")}`);
  }
}

function inOneLine(value: StatusObject, unit: string): string {
  const parts = Object.entries(value).map(
    ([name, entry]) => `${label(name)} ${scalarText(entry, withUnit(name, unit))}`,
  );
  return parts.join("  ");
}

/** Objects of numbers side by side: one line for each, one column for each member. */
function isTable(value: StatusObject): boolean {
  const entries = Object.values(value);
  return (
    entries.length > 0 &&
    entries.every((entry) => isObject(entry) && Object.values(entry).every(isNumber))
  );
}

function tableText(key: string, value: StatusObject): string {
  const lines = Object.entries(value) as [string, { readonly [key: string]: number }][];
  const names = [...new Set(lines.flatMap(([, cells]) => Object.keys(cells)))];
  const unit = unitOf(key);
  const grid = [
    [label(key), ...names.map((name) => label(name))],
    ...lines.map(([name, cells]) => [
      label(name),
      ...names.map((column) => {
        const cell = cells[column];
        return cell === undefined ? "" : scalarText(cell, withUnit(column, unit));
      }),
    ]),
  ];
  const widths = grid[0]!.map((_, index) => Math.max(...grid.map((row) => row[index]!.length)));
  return grid
    .map((row) => {
      const cells = row.map((cell, index) =>
        index === 0 ? cell.padEnd(widths[index]!) : cell.padStart(widths[index]!),
      );
      return `  ${cells.join("  ").trimEnd()}\n`;
    })
    .join("");
}

function alignedRows(rows: readonly Row[], indent: number): string {
  const width = Math.max(0, ...rows.map((row) => row.label.length));
  return rows
    .map((row) => `${" ".repeat(indent)}${row.label.padEnd(width)}  ${row.value}\n`)
    .join("");
}

const units = ["PerSec", "Bytes", "Us", "Ms"];

function unitOf(key: string): string {
  return units.find((unit) => key.endsWith(unit) || key === unit.toLowerCase()) ?? "";
}

/** The name with the unit that it takes over from what it stands in: a count has none. */
function withUnit(name: string, unit: string): string {
  const hasOwn = unitOf(name) !== "" || /^(count|samples|total)/i.test(name);
  return hasOwn ? name : `${name}${unit}`;
}

/** `averageLatencyMs` -> `average latency`; words that are written in capitals stay so. */
function label(key: string): string {
  const unit = unitOf(key);
  // Percentiles are written without their point: `p999` is the 99.9th.
  const percentile = /^p(\d\d)(\d+)$/.exec(key);
  if (percentile !== null) return `p${percentile[1]}.${percentile[2]}`;
  const bare = unit !== "" && unit.length < key.length ? key.slice(0, -unit.length) : key;
  if (!/^[a-z][A-Za-z0-9]*$/.test(bare)) return bare;
  return bare.replace(/(?<=[a-z0-9])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

function scalarText(value: StatusJson, key: string): string {
  if (typeof value === "bigint") {
    return unitOf(key) === "" ? countText(value) : scalarText(Number(value), key);
  }
  if (typeof value !== "number") {
    if (typeof value === "boolean") return value ? "yes" : "no";
    return typeof value === "string" ? value : JSON.stringify(value, jsonNumber);
  }
  switch (unitOf(key)) {
    case "PerSec":
      return /bytes/i.test(key) ? `${bytesText(value)}/s` : `${countText(value)}/s`;
    case "Bytes":
      return bytesText(value);
    case "Us":
      return microsText(value);
    case "Ms":
      return microsText(value * 1000);
    default:
      return countText(value);
  }
}

function jsonNumber(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? Number(value) : value;
}

function isNumber(value: StatusJson): value is number {
  return typeof value === "number";
}

function isObject(value: StatusJson): value is StatusObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isEmpty(value: StatusJson): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}
