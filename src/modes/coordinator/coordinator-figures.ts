// The coordinator's figures under the names that they have at /metrics.

import type { CoordinatorMetrics } from "../../daemons/coordinator/coordinator-metrics.ts";
import type { Metric } from "../../rest/metrics.ts";
import { commitFigures, oneFigure } from "../daemon/daemon-figures.ts";

export function coordinatorFigures(metrics: CoordinatorMetrics): Metric[] {
  const { tasks, workers, forgottenWorkers, nodes, polls, pollFailures } = metrics;
  const { creates, createFailures, stops, destroys, commits } = metrics;
  const byState = Object.entries(tasks).map(([state, value]) => ({ labels: { state }, value }));
  return [
    { name: "trogdor_tasks", help: "Tasks that are kept.", type: "gauge", values: byState },
    oneFigure("gauge", "trogdor_workers", "Workers of kept tasks.", workers),
    oneFigure(
      "gauge",
      "trogdor_forgotten_workers",
      "Workers of tasks that are gone, until their nodes have forgotten them.",
      forgottenWorkers,
    ),
    oneFigure("gauge", "trogdor_nodes", "Nodes that can be reached by tasks.", nodes),
    oneFigure("counter", "trogdor_polls_total", "Polls of agents.", polls),
    oneFigure("counter", "trogdor_poll_failures_total", "Polls that failed.", pollFailures),
    {
      name: "trogdor_agent_calls_total",
      help: "Calls to agents that change something.",
      type: "counter",
      values: [
        { labels: { call: "create" }, value: creates },
        { labels: { call: "stop" }, value: stops },
        { labels: { call: "destroy" }, value: destroys },
      ],
    },
    oneFigure("counter", "trogdor_create_failures_total", "Creates that failed.", createFailures),
    ...commitFigures(commits),
  ];
}
