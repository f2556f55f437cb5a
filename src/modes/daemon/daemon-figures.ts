// What the figures of both daemons have in common at /metrics.

import { type CommitSnapshot, commitBucketsMs } from "../../daemons/commit-figures.ts";
import type { Metric } from "../../rest/metrics.ts";

export function oneFigure(type: Metric["type"], name: string, help: string, value: number): Metric {
  return { name, help, type, values: [{ value }] };
}

/** A histogram as Prometheus counts: each bucket holds the ones below it. */
export function commitFigures(commits: CommitSnapshot): Metric[] {
  const bounds = [...commitBucketsMs.map((ms) => String(ms / 1000)), "+Inf"];
  let below = 0;
  const values = bounds.map((le, index) => {
    below += commits.bucketCounts[index] ?? 0;
    return { labels: { le }, value: below };
  });
  const name = "trogdor_store_commit_seconds";
  return [
    {
      name: `${name}_bucket`,
      help: "Commits to the store that took at most so long.",
      type: "counter",
      values,
    },
    oneFigure("counter", `${name}_count`, "Commits to the store.", commits.commits),
    oneFigure("counter", `${name}_sum`, "Time spent in commits.", commits.totalMs / 1000),
    oneFigure("gauge", `${name}_max`, "The longest commit.", commits.maxMs / 1000),
    oneFigure("counter", "trogdor_store_rows_total", "Rows written or deleted.", commits.rows),
  ];
}
