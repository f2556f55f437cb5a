// The store's commits at /metrics are a histogram in Prometheus' sense.

import { expect, test } from "bun:test";
import { createCommitFigures } from "../../daemons/commit-figures.ts";
import { metricsText } from "../../rest/metrics.ts";
import { requestRecorder } from "../../rest/request-recorder.ts";
import { commitFigures } from "./daemon-figures.ts";

test("commits are counted in cumulative buckets", async () => {
  const figures = createCommitFigures();
  for (const tookMs of [0.4, 1.5, 3, 1000]) figures.add(2, tookMs);
  const collect = () => commitFigures(figures.snapshot());
  const { text } = await metricsText("agent", requestRecorder(), collect);
  const name = "trogdor_store_commit_seconds";
  expect(text).toContain(`# TYPE ${name} histogram\n`);
  for (const [le, count] of [
    ["0.0005", 1],
    ["0.001", 1],
    ["0.002", 2],
    ["0.005", 3],
    ["0.5", 3],
    ["+Inf", 4],
  ]) {
    expect(text).toContain(`\n${name}_bucket{le="${le}"} ${count}\n`);
  }
  expect(text).toContain(`\n${name}_sum 1.0049\n${name}_count 4\n`);
  expect(text).toContain("trogdor_store_rows_total 8\n");
});
