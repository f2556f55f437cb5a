// Coordinator and agents together: what happens to a task from its create to its end.

import { describe, expect, test } from "bun:test";
import { noOp, simulatedDaemons, startMs } from "./simulated-daemons.suite.ts";

const specText = (from: number, durationMs: number) =>
  `{"class":"org.apache.kafka.trogdor.task.NoOpTaskSpec","startMs":${from},"durationMs":${durationMs}}`;

describe("a task on one agent", () => {
  test("runs on its node and ends when its time is over", async () => {
    const daemons = await simulatedDaemons();
    const { coordinator } = daemons;
    await coordinator.createTask("t1", noOp(0, 5000));
    await daemons.until(() => coordinator.task("t1")?.status === '"active"');
    expect(daemons.agent("n1").runner.starts).toEqual(["0 t1"]);
    expect(coordinator.task("t1")).toMatchObject({
      state: "RUNNING",
      spec: { text: specText(startMs, 5000) },
      status: '"active"',
    });
    await daemons.until(() => coordinator.task("t1")?.state === "DONE");
    expect(coordinator.task("t1")).toMatchObject({
      state: "DONE",
      startedMs: startMs,
      error: "",
      cancelled: false,
      status: '"done"',
    });
    expect(daemons.agent("n1").daemon?.status().workers.get(0n)).toMatchObject({
      state: "DONE",
      startedMs: startMs,
      doneMs: startMs + 5000,
      status: '"done"',
    });
    expect(daemons.agent("n1").runner.stops).toEqual([[0n, "expired"]]);
    await daemons.close();
  });
});
