// Each invariant has histories that keep it and histories that break it.

import { describe, expect, test } from "bun:test";
import type { TaskState } from "../../core/task-state.ts";
import type { WorkerState } from "../../core/worker-state.ts";
import {
  type ArchivedLine,
  type ClientOp,
  type FinalState,
  type History,
  newHistory,
  type WorkerRun,
} from "../history.ts";
import { simulationStartMs } from "../host.ts";
import { simulatedSpec } from "../simulated-catalog.ts";
import { checkers, violations } from "./all-checkers.ts";

const spec = simulatedSpec({
  startMs: simulationStartMs,
  durationMs: 600_000,
  nodes: ["n0"],
  isFault: false,
});

const op = (verb: ClientOp["verb"], more: Partial<ClientOp> = {}): ClientOp => ({
  client: "alice",
  verb,
  taskId: "t",
  specText: spec.text,
  invokedMs: 100,
  outcome: "ok",
  endedMs: 110,
  ...more,
});

const run = (more: Partial<WorkerRun> = {}): WorkerRun => ({
  node: "n0",
  workerId: 7n,
  taskId: "t",
  specStartMs: simulationStartMs,
  durationMs: 600_000,
  startedMs: 200,
  endedMs: undefined,
  end: undefined,
  error: "",
  plannedError: "",
  ...more,
});

const archivedLine = (more: Partial<ArchivedLine> = {}): ArchivedLine => ({
  atMs: 6_000,
  taskId: "t",
  state: "DONE",
  specText: spec.text,
  ...more,
});

const endedRun = (more: Partial<WorkerRun> = {}) => run({ endedMs: 5_000, end: "ended", ...more });

const running: TaskState = { state: "RUNNING", spec, startedMs: 1, status: "null" };
const done = (error = "", cancelled = false): TaskState => {
  return { state: "DONE", spec, startedMs: 1, doneMs: 2, error, cancelled, status: "null" };
};
const worker = { taskId: "t", spec, startedMs: 1, status: "null" } as const;
const activeWorker: WorkerState = { ...worker, state: "RUNNING" };
const doneWorker: WorkerState = { ...worker, state: "DONE", doneMs: 2, error: "" };

const final = (
  task: TaskState | undefined,
  shown: WorkerState | undefined,
  faults: readonly bigint[] = [],
): FinalState => ({
  atMs: 100_000,
  tasks: new Map(task === undefined ? [] : [["t", task]]),
  workers: new Map([["n0", new Map(shown === undefined ? [] : [[7n, shown]])]]),
  faults: new Map([["n0", new Set(faults)]]),
});

const history = (more: Partial<History>): History => ({
  ...newHistory(),
  ops: [op("create")],
  peaceMs: 50_000,
  ...more,
});

const good: [string, History][] = [
  ["a task that runs", history({ runs: [run()], final: final(running, activeWorker) })],
  [
    "the fault of a task that was archived and made again",
    history({
      retainTasks: 0,
      archived: [archivedLine()],
      runs: [endedRun({ workerId: 6n }), run({ startedMs: 7_000 })],
      final: final(running, activeWorker, [7n]),
    }),
  ],
  ["a task that ended", history({ runs: [endedRun()], final: final(done(), doneWorker) })],
  [
    "a task that failed",
    history({ runs: [endedRun({ error: "no" })], final: final(done("no"), doneWorker) }),
  ],
  [
    "a task that was stopped",
    history({
      ops: [op("create"), op("stop")],
      runs: [endedRun()],
      final: final(done("", true), doneWorker),
    }),
  ],
  [
    "a task that was destroyed",
    history({
      ops: [op("create"), op("destroy", { invokedMs: 300, endedMs: 310 })],
      runs: [endedRun()],
      listings: [{ invokedMs: 400, endedMs: 410, taskIds: new Set() }],
      final: final(undefined, undefined),
    }),
  ],
  [
    "a task that was archived",
    history({
      runs: [endedRun()],
      archived: [archivedLine()],
      listings: [{ invokedMs: 7_000, endedMs: 7_010, taskIds: new Set() }],
      final: final(undefined, undefined),
    }),
  ],
  [
    "a task that nobody was told of",
    history({ ops: [op("create", { outcome: "info" })], final: final(undefined, undefined) }),
  ],
];

const bad: [string, string, Partial<History>][] = [
  ["no acknowledged task lost", "at the end", { final: final(undefined, undefined) }],
  [
    "no acknowledged task lost",
    "in a list",
    {
      listings: [{ invokedMs: 400, endedMs: 410, taskIds: new Set(["u"]) }],
      runs: [run()],
      final: final(running, activeWorker),
    },
  ],
  [
    "no acknowledged task lost",
    "kept with another spec",
    {
      ops: [op("create", { specText: spec.text.replace("600000", "5") })],
      runs: [run()],
      final: final(running, activeWorker),
    },
  ],
  [
    "no acknowledged task lost",
    "before the archive had it",
    {
      runs: [endedRun()],
      archived: [archivedLine({ atMs: 8_000 })],
      listings: [{ invokedMs: 7_000, endedMs: 7_010, taskIds: new Set() }],
      final: final(undefined, undefined),
    },
  ],
  [
    "retention is kept",
    "archived while it runs",
    { archived: [archivedLine({ state: "RUNNING" })] },
  ],
  [
    "retention is kept",
    "too many are left",
    { retainTasks: 0, runs: [endedRun()], final: final(done(), doneWorker) },
  ],
  [
    "retention is kept",
    "too few are left",
    {
      retainTasks: 1,
      runs: [endedRun()],
      archived: [archivedLine()],
      final: final(undefined, undefined),
    },
  ],
  [
    "a worker is started once",
    "twice",
    { runs: [endedRun(), run()], final: final(running, activeWorker) },
  ],
  [
    "workers end in time",
    "too late by its duration",
    { runs: [endedRun({ durationMs: 100, endedMs: 20_000 })], final: final(done(), doneWorker) },
  ],
  [
    "workers end in time",
    "never after a stop",
    { ops: [op("create"), op("stop")], runs: [run()], final: final(running, activeWorker) },
  ],
  [
    "DONE stays DONE",
    "and runs again",
    {
      runs: [run()],
      final: final(running, activeWorker),
      sightings: [
        { atMs: 1, taskId: "t", state: "DONE" },
        { atMs: 2, taskId: "t", state: "RUNNING" },
      ],
    },
  ],
  ["final states agree", "RUNNING without a worker", { final: final(running, undefined) }],
  ["final states agree", "DONE with one", { runs: [run()], final: final(done(), activeWorker) }],
  ["final states agree", "success without a run", { final: final(done(), undefined) }],
  [
    "final states agree",
    "success of a failure",
    { runs: [endedRun({ error: "no" })], final: final(done(), doneWorker) },
  ],
  [
    "final states agree",
    "success of a lost worker",
    { runs: [endedRun({ end: "lostWithAgent" })], final: final(done(), doneWorker) },
  ],
  [
    "final states agree",
    "an agent that says DONE of what runs",
    { runs: [run()], final: final(running, doneWorker) },
  ],
  [
    "final states agree",
    "an agent that says RUNNING of what does not",
    { runs: [endedRun()], final: final(done(), activeWorker) },
  ],
  [
    "final states agree",
    "still STOPPING",
    { runs: [run()], final: final({ ...running, state: "STOPPING" }, activeWorker) },
  ],
  [
    "no fault outlives its owner",
    "a fault without its worker",
    { runs: [endedRun()], final: final(done(), doneWorker, [7n]) },
  ],
  [
    "nothing broke",
    "a daemon that hung",
    { runs: [run()], final: final(running, activeWorker), mishaps: ["n0 hangs"] },
  ],
];

describe("the invariants", () => {
  test.each(good)("hold for %s", (_name, story) => {
    expect(violations(story)).toEqual([]);
  });

  test.each(bad)("%s: %s is a violation", (name, _what, more) => {
    const found = violations(history(more)).map((text) => text.split(":")[0]);
    expect(found).toContain(name);
  });

  test("are all shown to be broken", () => {
    expect(new Set(bad.map(([name]) => name))).toEqual(new Set(checkers.map(({ name }) => name)));
  });
});
