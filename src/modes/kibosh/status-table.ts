// Operations as a table: how many, how many failed, how long they took.

import type { MountStatus, OperationStatus } from "../../../kibosh/status.ts";

const head = ["operation", "count", "errors", "mean us", "p99 us", "max us"];

export function operationRows(operations: MountStatus["operations"]): string[][] {
  return Object.entries(operations).map(([name, status]) => [
    name,
    String(status.count),
    String(status.errors),
    meanUs(status),
    `<${percentileUs(status, 0.99)}`,
    String(status.maxUs),
  ]);
}

export function tableText(rows: readonly string[][]): string {
  if (rows.length === 0) return "";
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const lines = all.map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join("  "),
  );
  return `${lines.join("\n")}\n`;
}

function meanUs({ count, totalUs }: OperationStatus): string {
  return (count === 0 ? 0 : totalUs / count).toFixed(1);
}

/** The upper end of the bin that holds it. */
function percentileUs({ count, log2Us }: OperationStatus, share: number): number {
  let seen = 0;
  for (const [bin, inBin] of log2Us.entries()) {
    seen += inBin;
    if (seen >= count * share) return 2 ** bin;
  }
  return 2 ** log2Us.length;
}

/** What happened between two statuses of the same instance. */
export function operationsSince(
  now: MountStatus["operations"],
  before: MountStatus["operations"],
): MountStatus["operations"] {
  const entries = Object.entries(now).flatMap(([name, status]) => {
    const old = before[name];
    const difference =
      old === undefined
        ? status
        : {
            count: status.count - old.count,
            errors: status.errors - old.errors,
            totalUs: status.totalUs - old.totalUs,
            maxUs: status.maxUs,
            log2Us: status.log2Us.map((count, bin) => count - (old.log2Us[bin] ?? 0)),
          };
    return difference.count > 0 ? [[name, difference] as const] : [];
  });
  return Object.fromEntries(entries);
}
