// The table of a workload bench: medians with their spread, and how the two compare.

import { ratioText, spreadOf, spreadText } from "../statistics.ts";
import { textTable } from "../text-table.ts";
import { WORKLOAD_CONTESTANTS, type WorkloadRunResult } from "./workload-run.ts";

export function workloadTable(runs: readonly WorkloadRunResult[], unit: string): string {
  const rows: [string, (run: WorkloadRunResult) => number | undefined][] = [
    ["start to end, s", (run) => run.wallMs / 1000],
    [`${unit} a second, by its own account`, (run) => run.reportedPerSec],
    [`CPU seconds per million ${unit}`, (run) => run.cpuSecondsPerMillion],
    ["memory, MB", (run) => run.pssPeakBytes / 1e6],
  ];
  const [ours, javas] = WORKLOAD_CONTESTANTS.map((contestant) =>
    runs.filter((run) => run.contestant === contestant),
  ) as [WorkloadRunResult[], WorkloadRunResult[]];
  const table = rows.map(([label, read]) => {
    const values = (of: readonly WorkloadRunResult[]) =>
      spreadOf(of.map(read).filter((value) => value !== undefined));
    const [mine, java] = [values(ours), values(javas)];
    return [label, spreadText(mine), spreadText(java), ratioText(mine, java)];
  });
  return textTable(["", ...WORKLOAD_CONTESTANTS, "this to Java"], table);
}
