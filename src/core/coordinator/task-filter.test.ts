// The reference's filter cases.

import { describe, expect, test } from "bun:test";
import type { TaskState, TaskStateName } from "../task-state.ts";
import { matchesFilter, type TaskFilter } from "./task-filter.ts";

const spec = { className: "C", startMs: 0n, durationMs: 0, text: "{}" };
const all: TaskFilter = {
  taskIds: new Set(),
  firstStartMs: 0,
  lastStartMs: 0,
  firstEndMs: 0,
  lastEndMs: 0,
  state: undefined,
};

function task(startedMs: number, doneMs: number, state: TaskStateName): TaskState {
  switch (state) {
    case "PENDING":
      return { state, spec, status: "null" };
    case "DONE":
      return { state, spec, startedMs, doneMs, error: "", cancelled: false, status: undefined };
    default:
      return { state, spec, startedMs, status: "null" };
  }
}

/** The state is that which the times allow. */
function timed(startedMs: number, doneMs: number): TaskState {
  return task(startedMs, doneMs, startedMs < 0 ? "PENDING" : doneMs < 0 ? "RUNNING" : "DONE");
}

describe("the task filter", () => {
  test("case 31: without limits takes everything", () => {
    const tasks = [task(-1, -1, "PENDING"), task(100, 200, "DONE"), task(100, -1, "RUNNING")];
    expect(tasks.map((each) => matchesFilter(all, "foo", each))).toEqual([true, true, true]);
  });

  const wide = { firstStartMs: 200, lastStartMs: 900, firstEndMs: 200, lastEndMs: 900 };
  test.each([
    [{ firstStartMs: 100 }, -1, -1, false],
    [{ firstStartMs: 100 }, 100, 200, true],
    [{ firstStartMs: 100 }, 99, 200, false],
    [{ firstStartMs: 100 }, 99, -1, false],
    [wide, -1, -1, false],
    [wide, 100, 200, false],
    [wide, 200, 1000, false],
    [wide, 200, 700, true],
    [wide, 101, -1, false],
    [{ lastEndMs: 900 }, 100, -1, false],
  ])("cases 32 and 33: %p on a task of %p to %p: %p", (limits, startedMs, doneMs, matches) => {
    expect(matchesFilter({ ...all, ...limits }, "foo", timed(startedMs, doneMs))).toBe(matches);
  });

  test.each([
    ["foo1", -1, -1, false],
    ["foo1", 1000, -1, true],
    ["foo1", 900, -1, false],
    ["baz2", 1000, -1, false],
  ])(
    "case 34: ids foo1, bar1, baz1 from 1000 on: %p started at %p",
    (id, startedMs, doneMs, matches) => {
      const taskIds = new Set(["foo1", "bar1", "baz1"]);
      const filter = { ...all, taskIds, firstStartMs: 1000, lastStartMs: -1, lastEndMs: -1 };
      expect(matchesFilter(filter, id, timed(startedMs, doneMs))).toBe(matches);
    },
  );

  test("case 35: by state takes only that state", () => {
    const states: TaskStateName[] = ["PENDING", "RUNNING", "STOPPING", "DONE"];
    const matching = states.filter((state) =>
      matchesFilter({ ...all, state: "RUNNING" }, "foo", task(1, 2, state)),
    );
    expect(matching).toEqual(["RUNNING"]);
  });
});
