// Which workers get a process of their own, and how those without one run.

import { describe, expect, test } from "bun:test";
import { createSimulatedClock } from "../../../platform/clock/simulated-clock.ts";
import { silentLog } from "../../../platform/log/log.ts";
import { simulatedProcesses } from "../../../platform/processes/simulated-processes.ts";
import type { TaskType, Worker } from "../../../tasks/define-task.ts";
import type { WorkerOrder } from "../worker-runner.ts";
import { inProcessRunner } from "./in-process-runner.ts";
import { noOpSpec, orderOf, recordedListener } from "./test-runner.suite.ts";
import { workerLimits } from "./worker-limits.ts";
import { workerRunner } from "./worker-runner.ts";

function bench() {
  const commands: string[] = [];
  const processes = simulatedProcesses(([name = ""]) => (io) => {
    commands.push(name);
    io.onTerminate(() => io.exit(0));
    void io
      .readLine()
      .then(() => io.readLine())
      .then(() => io.exit(0));
  });
  const clock = createSimulatedClock();
  return { commands, processes, clock, log: silentLog, childCommand: ["child"] };
}

function withWorker(worker: Worker<unknown>, changes: Partial<TaskType> = {}): WorkerOrder {
  const order = orderOf("task", noOpSpec);
  const taskType: TaskType = { ...order.taskType, ...changes, loadWorker: async () => worker };
  return { ...order, taskType };
}

describe("a worker runs", () => {
  test.each([
    ['{"class":"NoOp","durationMs":1}', []],
    ['{"class":"ExternalCommand","durationMs":1,"command":["program"]}', ["program"]],
    ['{"class":"ProduceBench","durationMs":1}', ["child"]],
  ])("%s with the processes %j", async (spec, expected) => {
    const { commands, ...options } = bench();
    const runner = workerRunner(options);
    const listener = recordedListener();
    const worker = runner.start(orderOf("task", spec), listener);
    if (!spec.includes("ProduceBench")) await listener.hasStarted;
    worker.stop("stopped");
    expect(await listener.error).toBe("");
    expect(commands).toEqual(expected);
    await runner.close();
  });
});

describe("a worker in the agent's process", () => {
  test("tells what a worker tells, in order, and nothing after its end", async () => {
    const listener = recordedListener();
    let late = () => {};
    inProcessRunner(bench()).start(
      withWorker(async (_spec, context) => {
        context.report("one");
        context.reportHistogram("service", "abc");
        late = () => context.report("late");
      }),
      listener,
    );
    expect(await listener.error).toBe("");
    late();
    expect(listener.told).toEqual(["started", "status", "ended"]);
    expect([...listener.histograms]).toEqual([["service", "abc"]]);
  });

  test("fails with the message of what it throws", async () => {
    const listener = recordedListener();
    const worker = withWorker(() => Promise.reject(new Error("no luck")));
    inProcessRunner(bench()).start(worker, listener);
    expect(await listener.error).toBe("no luck");
  });

  test("says itself that it has started when it is a fault", async () => {
    const listener = recordedListener();
    const fault = withWorker(() => Promise.reject(new Error("not in force")), { kind: "fault" });
    inProcessRunner(bench()).start(fault, listener);
    await listener.error;
    expect(listener.told).toEqual(["ended"]);
  });

  test.each([
    ["expired", workerLimits.expiredGraceMs],
    ["stopped", workerLimits.stoppedGraceMs],
  ] as const)("is given up when it does not end after it has %s", async (reason, graceMs) => {
    const options = bench();
    const beginMs = options.clock.nowMs();
    const listener = recordedListener();
    const worker = inProcessRunner(options).start(
      withWorker(() => new Promise(() => {})),
      listener,
    );
    worker.stop(reason);
    worker.stop("expired");
    const error = `the worker did not end within ${graceMs / 1000} s of its stop`;
    expect(await listener.error).toBe(error);
    expect(options.clock.nowMs() - beginMs).toBe(graceMs);
  });

  test("has less time when somebody stops it after it has expired", async () => {
    const options = bench();
    const beginMs = options.clock.nowMs();
    const listener = recordedListener();
    const never = withWorker(() => new Promise(() => {}));
    const worker = inProcessRunner(options).start(never, listener);
    worker.stop("expired");
    worker.stop("stopped");
    expect(await listener.error).toContain("did not end within 30 s of its stop");
    expect(options.clock.nowMs() - beginMs).toBe(workerLimits.stoppedGraceMs);
  });

  test("ends when the runner is closed", async () => {
    const listener = recordedListener();
    const runner = inProcessRunner(bench());
    runner.start(orderOf("task"), listener);
    await listener.hasStarted;
    await runner.close();
    expect(listener.told).toEqual(["started", "status", "status", "ended"]);
  });
});
