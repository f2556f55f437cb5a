// GET /metrics: figures in Prometheus text. The daemons give theirs as plain values when they are
// asked; prom-client only writes them down, and is loaded with the first request, not at the start.

import type { Registry } from "prom-client";
import { commit, version } from "../version.ts";
import type { RecordedValue, RequestRecorder } from "./request-recorder.ts";

export interface MetricValue {
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

/** One figure; names are `trogdor_<what>_<unit>`, with `_total` behind counters. */
export interface SimpleMetric {
  readonly name: string;
  readonly help: string;
  readonly type: "counter" | "gauge";
  readonly values: readonly MetricValue[];
}

/** Its owner counts; the values are cumulative buckets, sum and count. */
export interface HistogramMetric {
  readonly name: string;
  readonly help: string;
  readonly type: "histogram";
  readonly values: readonly RecordedValue[];
}

export type Metric = SimpleMetric | HistogramMetric;

export async function metricsText(
  daemon: "agent" | "coordinator",
  requests: RequestRecorder,
  collect: () => readonly Metric[],
): Promise<{ contentType: string; text: string }> {
  const { Counter, Gauge, Registry: NewRegistry } = await import("prom-client");
  const registry = new NewRegistry();
  for (const metric of [...processMetrics(daemon), ...collect()]) {
    if (metric.type === "histogram") {
      registerHistogram(registry, metric);
      continue;
    }
    const { name, help, values } = metric;
    const labelNames = [...new Set(values.flatMap(({ labels = {} }) => Object.keys(labels)))];
    const configuration = { name, help, labelNames, registers: [registry] };
    if (metric.type === "gauge") {
      const gauge = new Gauge(configuration);
      for (const { labels = {}, value } of values) gauge.set({ ...labels }, value);
    } else {
      const counter = new Counter(configuration);
      for (const { labels = {}, value } of values) counter.inc({ ...labels }, value);
    }
  }
  const name = "trogdor_http_request_duration_seconds";
  registerHistogram(registry, {
    name,
    help: "Time from reading a request to its answer.",
    type: "histogram",
    values: requests.values(name),
  });
  return { contentType: registry.contentType, text: await registry.metrics() };
}

function processMetrics(daemon: string): Metric[] {
  const { user, system } = process.cpuUsage();
  const gauge = (name: string, help: string, value: number, labels = {}): Metric => ({
    name,
    help,
    type: "gauge",
    values: [{ labels, value }],
  });
  return [
    gauge("trogdor_build_info", "Always 1; the labels say which build runs.", 1, {
      daemon,
      version,
      commit,
    }),
    gauge("process_resident_memory_bytes", "Resident memory.", process.memoryUsage.rss()),
    gauge(
      "process_start_time_seconds",
      "Start of the process since the epoch.",
      (performance.timeOrigin - 0) / 1000,
    ),
    {
      name: "process_cpu_seconds_total",
      help: "CPU time of the process.",
      type: "counter",
      values: [{ value: (user + system) / 1e6 }],
    },
  ];
}

/** The registry asks for what it shows, in prom-client's form. */
function registerHistogram(registry: Registry, metric: HistogramMetric): void {
  const shown = { ...metric, aggregator: "sum" };
  registry.registerMetric({ ...shown, get: () => shown } as never);
}
