// What the figures of both daemons have in common at /metrics.

import { type CommitSnapshot, commitBucketsMs } from "../../daemons/commit-figures.ts";
import type { Metric, SimpleMetric } from "../../rest/metrics.ts";

export function oneFigure(
  type: SimpleMetric["type"],
  name: string,
  help: string,
  value: number,
): SimpleMetric {
  return { name, help, type, values: [{ value }] };
}

/** A histogram as Prometheus counts: each bucket holds the ones below it. */
export function commitFigures(commits: CommitSnapshot): Metric[] {
  const bounds = [...commitBucketsMs.map((ms) => String(ms / 1000)), "+Inf"];
  const name = "trogdor_store_commit_seconds";
  let below = 0;
  const buckets = bounds.map((le, index) => {
    below += commits.bucketCounts[index] ?? 0;
    return { metricName: `${name}_bucket`, labels: { le }, value: below };
  });
  return [
    {
      name,
      help: "Time of a commit to the store.",
      type: "histogram",
      values: [
        ...buckets,
        { metricName: `${name}_sum`, labels: {}, value: commits.totalMs / 1000 },
        { metricName: `${name}_count`, labels: {}, value: commits.commits },
      ],
    },
    oneFigure("gauge", `${name}_max`, "The longest commit.", commits.maxMs / 1000),
    oneFigure("counter", "trogdor_store_rows_total", "Rows written or deleted.", commits.rows),
  ];
}
