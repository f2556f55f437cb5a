// The sorted view of tasks that readers get.

import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { TaskState } from "../../core/task-state.ts";
import { allTasks } from "../simulated-daemons.suite.ts";
import { createTaskView } from "./task-view.ts";

const spec = { className: "C", startMs: 0n, durationMs: 0, text: "{}" };
const pending: TaskState = { state: "PENDING", spec, status: "null" };

describe("the view of tasks", () => {
  test("is sorted by id and has what was set last, for any sequence of changes", () => {
    const id = fc.constantFrom("", "a", "b", "B", "ä", "a/b", "10", "9", "\u{1f600}");
    fc.assert(
      fc.property(fc.array(fc.tuple(id, fc.boolean())), (changes) => {
        const view = createTaskView();
        const model = new Set<string>();
        for (const [key, isThere] of changes) {
          view.set(key, isThere ? pending : undefined);
          if (isThere) model.add(key);
          else model.delete(key);
        }
        expect([...view.matching(allTasks)].map(([key]) => key)).toEqual([...model].sort());
        expect(view.unfinishedIds()).toEqual([...model].sort());
        expect(view.get("a")).toBe(model.has("a") ? pending : undefined);
      }),
    );
  });
});
