// The agent's figures under the names that they have at /metrics.

import type { AgentMetrics } from "../../daemons/agent/agent-metrics.ts";
import type { Metric } from "../../rest/metrics.ts";
import { commitFigures, oneFigure } from "../daemon/daemon-figures.ts";

export function agentFigures(metrics: AgentMetrics): Metric[] {
  const { workers, tombstones, commits } = metrics;
  const byState = Object.entries(workers).map(([state, value]) => ({ labels: { state }, value }));
  return [
    { name: "trogdor_workers", help: "Workers that are kept.", type: "gauge", values: byState },
    oneFigure(
      "gauge",
      "trogdor_tombstones",
      "Worker ids that must not start because they were stopped before they came.",
      tombstones,
    ),
    ...commitFigures(commits),
  ];
}
