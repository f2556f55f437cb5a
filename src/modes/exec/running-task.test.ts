// How a worker is run and ended, in simulated time.

import { describe, expect, test } from "bun:test";
import { createSimulatedClock } from "../../platform/clock/simulated-clock.ts";
import { silentLog } from "../../platform/log/log.ts";
import type { TaskSpec, WorkerContext } from "../../tasks/define-task.ts";
import { expiredGraceMs, type RunningTask, startTask, stoppedGraceMs } from "./running-task.ts";

type Work = (spec: TaskSpec, context: WorkerContext) => Promise<void>;

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve());
  });
}

interface Started {
  readonly running: RunningTask;
  /** Simulated milliseconds since the start. */
  elapsedMs(): number;
  readonly histograms: string[];
}

function started(durationMs: number, work: Work, startDelayMs = 0): Started {
  const clock = createSimulatedClock();
  const histograms: string[] = [];
  const running = startTask({
    taskKind: "task",
    spec: { class: "x", startMs: BigInt(clock.nowMs() + startDelayMs), durationMs },
    worker: (spec, context) => work(spec as TaskSpec, context),
    node: "node0",
    topology: { nodes: new Map() },
    clock,
    log: silentLog,
    reportHistogram: (name) => histograms.push(name),
  });
  return { running, elapsedMs: () => clock.nowUs() / 1000, histograms };
}

const never = () => new Promise<void>(() => {});

describe("a running task", () => {
  test("is told when startMs + durationMs is over, and succeeds if it ends then", async () => {
    let reason: unknown;
    const { running, elapsedMs } = started(5000, async (_spec, { signal }) => {
      await aborted(signal);
      reason = signal.reason;
    });
    expect(await running.outcome).toEqual({ error: "", defect: undefined });
    expect([reason, elapsedMs()]).toEqual(["expired", 5000]);
  });

  test("starts at once when startMs lies ahead; only the end moves", async () => {
    const { running, elapsedMs } = started(5000, (_spec, { signal }) => aborted(signal), 3000);
    await running.outcome;
    expect(elapsedMs()).toBe(8000);
  });

  test("may run longer than the runtime's timers reach", async () => {
    const durationMs = 1e12;
    const { running, elapsedMs } = started(durationMs, (_spec, { signal }) => aborted(signal));
    await running.outcome;
    expect(elapsedMs()).toBe(durationMs);
  });

  test("keeps its last status and what it reported after its end is dropped", async () => {
    let context: WorkerContext | undefined;
    const { running, histograms } = started(5000, async (_spec, given) => {
      context = given;
      given.report({ sent: 1 });
      given.report({ sent: 2 });
      given.reportHistogram("corrected", "");
    });
    await running.outcome;
    context!.report("late");
    context!.reportHistogram("late", "");
    expect([running.status, histograms]).toEqual([{ sent: 2 }, ["corrected"]]);
  });

  test("fails with the message of the worker's error", async () => {
    const { running } = started(5000, async () => {
      throw new Error("the broker went away");
    });
    expect(await running.outcome).toEqual({ error: "the broker went away", defect: undefined });
  });

  test("names a programmer's mistake as a defect", async () => {
    const mistake = new TypeError("x is not a function");
    const { running } = started(5000, async () => {
      throw mistake;
    });
    expect((await running.outcome).defect).toBe(mistake);
  });

  test("is told to stop when a person wants it to, once", async () => {
    let reason: unknown;
    const { running } = started(5000, async (_spec, { signal }) => {
      await aborted(signal);
      reason = signal.reason;
    });
    running.stop();
    running.stop();
    expect([(await running.outcome).error, reason]).toEqual(["", "stopped"]);
  });

  test("is given up when it does not end after a stop", async () => {
    const { running, elapsedMs } = started(5_000_000, never);
    running.stop();
    expect((await running.outcome).error).toBe("the task did not end within 30 s of its stop");
    expect(elapsedMs()).toBe(stoppedGraceMs);
  });

  test("is given up when it does not end after its time", async () => {
    const { running, elapsedMs } = started(5000, never);
    expect((await running.outcome).error).toBe("the task did not end within 180 s of its stop");
    expect(elapsedMs()).toBe(5000 + expiredGraceMs);
  });

  test("says how long it may still run", async () => {
    const { running } = started(5000, (_spec, { signal }) => aborted(signal));
    expect(running.remainingMs()).toBe(5000);
    await running.outcome;
    expect(running.remainingMs()).toBe(0);
  });
});
