// What the workload benches read from statuses and write into their table.

import { describe, expect, test } from "bun:test";
import { parseTaskSpec } from "../../../src/tasks/parse-task-spec.ts";
import { WORKLOAD_BENCHES, workloadPlans } from "./workload-plans.ts";
import type { WorkloadRunResult } from "./workload-run.ts";
import { workloadTable } from "./workload-table.ts";

describe("a workload bench", () => {
  test.each([...WORKLOAD_BENCHES])("%s has a spec that can be read", (bench) => {
    const spec = workloadPlans[bench].spec({ amount: 10, bootstrapServers: "localhost:9092" });
    expect(() => parseTaskSpec(JSON.stringify(spec))).not.toThrow();
  });

  test("reads Java's statuses and our own", () => {
    const { consume, connect } = workloadPlans;
    const consumer = { totalMessagesReceived: 10 };
    expect(consume.read({ "consumer.task0-0": consumer })).toEqual({ done: 10 });
    const total = { achievedMessagesPerSec: 5 };
    const status = { "consumer.task0-0": consumer, "trogdor.total": total };
    expect(consume.read(status)).toEqual({ done: 10, perSec: 5 });
    expect(workloadPlans["round-trip"].read({ totalReceived: 7 })).toEqual({ done: 7 });
    const connections = { totalConnections: 9, totalFailedConnections: 2, connectsPerSec: 3 };
    expect(connect.read(connections)).toEqual({ done: 7, perSec: 3 });
  });

  test("compares medians in its table", () => {
    const run = (contestant: WorkloadRunResult["contestant"], cpu: number): WorkloadRunResult => ({
      contestant,
      round: 1,
      done: 10,
      wallMs: 2000,
      cpuSecondsPerMillion: cpu,
      pssPeakBytes: 1e8,
      status: {},
    });
    const table = workloadTable([run("this Trogdor", 0.5), run("Java Trogdor 4.1", 5)], "messages");
    expect(table).toMatch(/\| CPU seconds per million messages +\| 0\.500 +\| 5\.00 +\| 0\.100x/);
    expect(table).toMatch(/by its own account +\| - +\| - +\| - /);
  });
});
