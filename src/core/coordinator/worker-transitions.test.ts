// Every phase of a worker, as the coordinator sees it, with every event, in one table.

import { describe, expect, test } from "bun:test";
import type { WorkerState } from "../worker-state.ts";
import {
  newWorker,
  type WorkerEvent,
  type WorkerPhase,
  type WorkerRecord,
  workerPhases,
  workerStep,
} from "./worker-transitions.ts";

const spec = { className: "C", startMs: 2n, durationMs: 3, text: "{}" };
const base = { taskId: "t", spec };

function worker(phase: WorkerPhase, more: Partial<WorkerRecord> = {}): WorkerRecord {
  return { ...newWorker(1n, "t", "n1"), phase, ...more };
}

const active = (state: "RUNNING" | "STOPPING"): WorkerState => ({
  ...base,
  state,
  startedMs: 4,
  status: '"s"',
});
const doneState: WorkerState = {
  ...base,
  state: "DONE",
  startedMs: 4,
  doneMs: 5,
  status: '"d"',
  error: "e",
};

const events: Record<string, WorkerEvent> = {
  createSent: { type: "createSent" },
  createEnded: { type: "createEnded", poll: 7 },
  createRefused: { type: "createRefused", error: "no" },
  stopWanted: { type: "stopWanted", nowMs: 9 },
  stopSent: { type: "stopSent" },
  stopAnswered: { type: "stopAnswered", poll: 7 },
  forgetWanted: { type: "forgetWanted", nowMs: 9 },
  starting: { type: "reported", reported: { ...base, state: "STARTING" } },
  running: { type: "reported", reported: active("RUNNING") },
  stopping: { type: "reported", reported: active("STOPPING") },
  done: { type: "reported", reported: doneState },
  missing: { type: "missing", poll: 8 },
  lost: { type: "lost", error: "lost" },
  gone: { type: "gone" },
};

/** What each event changes in any phase but DONE, unless `table` says otherwise. */
const usually: Record<string, Partial<WorkerRecord>> = {
  createSent: { isCreating: true, creates: 1 },
  createEnded: { isCreating: false, createdAt: 7 },
  createRefused: { phase: "DONE", error: "no" },
  stopWanted: { wanted: "stop", stopMs: 9 },
  stopSent: { stops: 1 },
  stopAnswered: { stoppedAt: 7 },
  forgetWanted: { wanted: "forget", stopMs: 9 },
  starting: { phase: "STARTING" },
  running: { phase: "RUNNING", status: '"s"' },
  stopping: { phase: "STOPPING", status: '"s"' },
  done: { phase: "DONE", status: '"d"', error: "e" },
  missing: {},
  lost: { phase: "DONE", error: "lost" },
  gone: { isGone: true },
};

const table: Record<string, Partial<WorkerRecord>> = {
  "UNSENT createSent": { phase: "SENT", isCreating: true, creates: 1 },
  "UNSENT stopWanted": { phase: "DONE", wanted: "stop", stopMs: 9 },
  "UNSENT forgetWanted": { phase: "DONE", wanted: "forget", stopMs: 9 },
  "STOPPING missing": { phase: "DONE" },
  "DONE createRefused": { isCreating: false },
  "DONE starting": {},
  "DONE running": {},
  "DONE stopping": {},
  "DONE done": {},
  "DONE lost": {},
};

const pairs = workerPhases.flatMap((phase) =>
  Object.keys(events).map((name) => ({ name: `${phase} ${name}`, phase, event: name })),
);

describe("a worker on the coordinator", () => {
  test.each(pairs)("$name", ({ name, phase, event }) => {
    const before = worker(phase);
    const change = table[name] ?? usually[event]!;
    const next = workerStep(before, events[event]!);
    expect(next).toEqual({ ...before, ...change });
  });

  test("does not change at a report that says nothing new", () => {
    const before = worker("RUNNING", { status: '"s"' });
    expect(workerStep(before, events["running"]!)).toBe(before);
  });

  test("does not change when it is told twice to stop, and forgetting wins over stopping", () => {
    const stopped = workerStep(worker("RUNNING"), events["stopWanted"]!);
    expect(workerStep(stopped, { type: "stopWanted", nowMs: 99 })).toBe(stopped);
    const forgotten = workerStep(stopped, { type: "forgetWanted", nowMs: 99 });
    expect(forgotten).toEqual({ ...stopped, wanted: "forget" });
    expect(workerStep(forgotten, { type: "stopWanted", nowMs: 99 })).toBe(forgotten);
    const gone = workerStep(forgotten, { type: "gone" });
    expect(workerStep(gone, { type: "gone" })).toBe(gone);
  });

  test.each([
    ["no stop was answered", { stoppedAt: -1 }, false],
    ["the poll began before the stop was answered", { stoppedAt: 8 }, false],
    ["the poll began after the stop was answered", { stoppedAt: 7 }, true],
    ["a create is under way", { stoppedAt: 7, isCreating: true }, false],
    ["the poll began before the create was answered", { stoppedAt: 7, createdAt: 8 }, false],
  ])("told to stop and missing: %s", (_when, more, isOver) => {
    const before = worker("SENT", { wanted: "stop", ...more });
    expect(workerStep(before, { type: "missing", poll: 8 }).phase).toBe(isOver ? "DONE" : "SENT");
  });
});
