// Every state of a task with every event, in one table; then what a table does not show.

import { describe, expect, test } from "bun:test";
import type { TaskStateName } from "../task-state.ts";
import { type TaskEvent, type TaskRecord, taskStep } from "./task-transitions.ts";

const spec = { className: "C", startMs: 2n, durationMs: 3, text: '{"class":"C","startMs":2}' };
const workers = [
  ["n1", 1n],
  ["n2", 2n],
] as const;

const pending: TaskRecord = {
  id: "t",
  serial: 1,
  submittedStartMs: 0n,
  spec,
  state: "PENDING",
  startedMs: -1,
  doneMs: -1,
  error: "",
  cancelled: false,
  workers: [],
  activeWorkers: 0,
};
const running: TaskRecord = {
  ...pending,
  state: "RUNNING",
  startedMs: 5,
  workers,
  activeWorkers: 2,
};
const last: TaskRecord = { ...running, activeWorkers: 1 };
const stopping: TaskRecord = { ...running, state: "STOPPING", cancelled: true };
const lastStopping: TaskRecord = { ...stopping, activeWorkers: 1 };
const done: TaskRecord = { ...last, state: "DONE", doneMs: 6, activeWorkers: 0 };

const records = { pending, running, last, stopping, lastStopping, done };
const events: Record<string, TaskEvent> = {
  started: { type: "started", nowMs: 9, workers },
  unstartable: { type: "unstartable", nowMs: 9, error: "no nodes" },
  stopRequested: { type: "stopRequested", nowMs: 9 },
  workerDone: { type: "workerDone", nowMs: 9, error: "" },
  workerFailed: { type: "workerDone", nowMs: 9, error: "boom" },
};

/** What changes; nothing where a pair is missing. */
const table: Record<string, Partial<TaskRecord>> = {
  "pending started": { state: "RUNNING", startedMs: 9, workers, activeWorkers: 2 },
  "pending unstartable": { state: "DONE", doneMs: 9, error: "no nodes" },
  "pending stopRequested": { state: "DONE", doneMs: 9, cancelled: true },
  "running stopRequested": { state: "STOPPING", cancelled: true },
  "running workerDone": { activeWorkers: 1 },
  "running workerFailed": { state: "STOPPING", activeWorkers: 1, error: "boom" },
  "last stopRequested": { state: "STOPPING", cancelled: true },
  "last workerDone": { state: "DONE", doneMs: 9, activeWorkers: 0 },
  "last workerFailed": { state: "DONE", doneMs: 9, activeWorkers: 0, error: "boom" },
  "stopping workerDone": { activeWorkers: 1 },
  "stopping workerFailed": { activeWorkers: 1, error: "boom" },
  "lastStopping workerDone": { state: "DONE", doneMs: 9, activeWorkers: 0 },
  "lastStopping workerFailed": { state: "DONE", doneMs: 9, activeWorkers: 0, error: "boom" },
};

const pairs = Object.entries(records).flatMap(([from, record]) =>
  Object.entries(events).map(([name, event]) => ({ name: `${from} ${name}`, record, event })),
);

describe("a task", () => {
  test("has a record of every state in the table, and every row of the table is a pair", () => {
    const states: TaskStateName[] = ["PENDING", "RUNNING", "STOPPING", "DONE"];
    expect([...new Set(Object.values(records).map((record) => record.state))]).toEqual(states);
    const names = pairs.map(({ name }) => name);
    expect(Object.keys(table).filter((row) => !names.includes(row))).toEqual([]);
  });

  test.each(pairs)("$name", ({ name, record, event }) => {
    const next = taskStep(record, event);
    const change = table[name];
    expect(next).toEqual({ ...record, ...change });
    if (change === undefined) expect(next).toBe(record);
  });

  test("keeps the first error", () => {
    const failed = taskStep(running, { type: "workerDone", nowMs: 7, error: "first" });
    const ended = taskStep(failed, { type: "workerDone", nowMs: 8, error: "second" });
    expect([ended.state, ended.error]).toEqual(["DONE", "first"]);
  });

  test("may be cancelled and failed", () => {
    const stopped = taskStep(last, { type: "stopRequested", nowMs: 7 });
    const ended = taskStep(stopped, { type: "workerDone", nowMs: 8, error: "exit 143" });
    expect([ended.cancelled, ended.error]).toEqual([true, "exit 143"]);
  });
});
