// The line that says how a task is doing, on one node and on several.

import { describe, expect, test } from "bun:test";
import type { TaskState } from "../../../core/task-state.ts";
import { parseTaskSpec } from "../../../tasks/parse-task-spec.ts";
import { progressText } from "./progress-text.ts";

const startMs = 1000;

function produceBench(status: unknown): TaskState {
  const text = JSON.stringify({
    class: "org.apache.kafka.trogdor.workload.ProduceBenchSpec",
    startMs,
    durationMs: 60_000,
    producerNode: ["n0", "n1"],
    bootstrapServers: "localhost:9092",
    targetMessagesPerSec: 100,
    maxMessages: 1000,
    activeTopics: { t: { numPartitions: 1, replicationFactor: 1 } },
  });
  const { spec } = parseTaskSpec(text);
  const data = { className: spec.class, startMs: 1000n, durationMs: 60_000, text };
  return { state: "RUNNING", spec: data, startedMs: startMs, status: JSON.stringify(status) };
}

const figures = (totalSent: number) => ({
  totalSent,
  achievedMessagesPerSec: 99,
  intendedMessagesPerSec: 100,
  failed: 0,
});

describe("the progress of a ProduceBench", () => {
  test.each([
    ["on one node", figures(500), "500/1,000 (50%)  99 of 100 msg/s"],
    [
      "on several nodes",
      { n0: figures(500), n1: figures(700), "trogdor.merged": { workers: 2 } },
      "1,200/2,000 (60%)  198 of 200 msg/s",
    ],
    [
      "that has begun on one",
      { n0: figures(500), n1: "receiving" },
      "1 receiving  500/2,000 (25%)",
    ],
    ["that has begun on none", { n0: "receiving", n1: "receiving" }, "receiving  ETA"],
    ["whose status says nothing", { n0: null }, "1.0s  ETA"],
  ])("%s", (_name, status, text) => {
    const line = progressText("t", produceBench(status), startMs + 1000);
    expect(line).toStartWith("t RUNNING  1.0s  ");
    expect(line).toContain(text);
  });
});
