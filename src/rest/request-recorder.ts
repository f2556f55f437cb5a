// Counts requests by path, method and status, with their durations in the buckets of a Prometheus
// histogram. The paths are those of the routes, so the number of series is bounded.

export interface RequestRecorder {
  record(path: string, method: string, status: number, durationMs: number): void;
  /** Cumulative buckets, sum and count of every series. */
  values(name: string): readonly RecordedValue[];
}

export interface RecordedValue {
  readonly metricName: string;
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
}

const boundsMs = [1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 5000] as const;

interface Series {
  readonly labels: Readonly<Record<string, string>>;
  readonly buckets: number[];
  count: number;
  sumMs: number;
}

export function requestRecorder(): RequestRecorder {
  const all = new Map<string, Series>();
  return {
    record(path, method, status, durationMs) {
      const key = `${path} ${method} ${status}`;
      let series = all.get(key);
      if (series === undefined) {
        const labels = { path, method, status: String(status) };
        series = { labels, buckets: boundsMs.map(() => 0), count: 0, sumMs: 0 };
        all.set(key, series);
      }
      series.count += 1;
      series.sumMs += durationMs;
      const bucket = boundsMs.findIndex((boundMs) => durationMs <= boundMs);
      if (bucket >= 0) series.buckets[bucket] = (series.buckets[bucket] ?? 0) + 1;
    },
    values: (name) => [...all.values()].flatMap((series) => valuesOf(name, series)),
  };
}

function valuesOf(name: string, { labels, buckets, count, sumMs }: Series): RecordedValue[] {
  let sum = 0;
  const cumulative = boundsMs.map((boundMs, index): RecordedValue => {
    sum += buckets[index] ?? 0;
    const bucketLabels = { ...labels, le: boundMs / 1000 };
    return { metricName: `${name}_bucket`, labels: bucketLabels, value: sum };
  });
  return [
    ...cumulative,
    { metricName: `${name}_bucket`, labels: { ...labels, le: "+Inf" }, value: count },
    { metricName: `${name}_sum`, labels, value: sumMs / 1000 },
    { metricName: `${name}_count`, labels, value: count },
  ];
}
