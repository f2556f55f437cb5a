// The text of states member by member, as the reference prints them, and what Java callers get of
// states that Java cannot read.

import { describe, expect, test } from "bun:test";
import type { SpecData } from "../core/spec-data.ts";
import type { TaskState } from "../core/task-state.ts";
import type { WorkerState } from "../core/worker-state.ts";
import { noOpClass, noOpSpec, ownSpec, smallCatalog } from "./recorded-services.ts";
import { stateMap, taskTexts, workerTexts } from "./state-text.ts";

const spec = noOpSpec(1n, 2);
const specText = `{"class":"${noOpClass}","startMs":1,"durationMs":2}`;
const ours = { specText: ({ text }: SpecData) => text };
const java = { specText: (data: SpecData) => smallCatalog.javaForm(data)?.text };

const done = { state: "DONE", spec, startedMs: 5, doneMs: 6, cancelled: false } as const;

describe("a task's text in a listing", () => {
  const listed = taskTexts({ ...ours, leavesHistogramsOut: true, merged: () => "1" });
  const encoded = "HISTFAAAABx4nJNpmSzMwMDAxAABzFCaEUoz2X+AsAA/QgI8";
  const histograms = `"histograms":{"corrected":"${encoded}","a b":"${encoded}"}`;

  test.each([
    [`{"totalSent":5,"rate":2.50,${histograms}}`, '{"totalSent":5,"rate":2.50}'],
    [`{${histograms},"b":12345678901234567890}`, '{"b":12345678901234567890}'],
    [`{"n1":{"a":1,${histograms}},"n2":{${histograms},"a":2}}`, '{"n1":{"a":1},"n2":{"a":2}}'],
    ['{"histograms":{"a":"text"},"b":1}', '{"histograms":{"a":"text"},"b":1}'],
    ['{"histograms":{}}', '{"histograms":{}}'],
    [`{"a":${JSON.stringify(`{${histograms}}`)}}`, `{"a":${JSON.stringify(`{${histograms}}`)}}`],
  ])("has no histograms, and all else as it is: %#", (status, text) => {
    const state: TaskState = { state: "RUNNING", spec, startedMs: 0, status };
    expect(listed(state)).toBe(
      `{"state":"RUNNING","spec":${specText},"startedMs":0,"status":${text}}`,
    );
  });

  test("has no status when nothing else was in it", () => {
    const state: TaskState = { state: "RUNNING", spec, startedMs: 0, status: `{${histograms}}` };
    expect(listed(state)).toBe(`{"state":"RUNNING","spec":${specText},"startedMs":0}`);
  });
});

describe("a task's text", () => {
  test.each<[TaskState, string]>([
    [
      { state: "PENDING", spec, status: "null" },
      `{"state":"PENDING","spec":${specText},"status":null}`,
    ],
    [
      { state: "RUNNING", spec, startedMs: 5, status: '"receiving"' },
      `{"state":"RUNNING","spec":${specText},"startedMs":5,"status":"receiving"}`,
    ],
    [
      { state: "STOPPING", spec, startedMs: 5, status: '""' },
      `{"state":"STOPPING","spec":${specText},"startedMs":5,"status":""}`,
    ],
    [
      { ...done, error: "", status: '"done"' },
      `{"state":"DONE","spec":${specText},"startedMs":5,"doneMs":6,"cancelled":false,` +
        '"status":"done"}',
    ],
    [
      { ...done, error: "worker expired", status: "null" },
      `{"state":"DONE","spec":${specText},"startedMs":5,"doneMs":6,"error":"worker expired",` +
        `"cancelled":false,"status":null}`,
    ],
    [
      { ...done, startedMs: -1, error: "", cancelled: true, status: undefined },
      `{"state":"DONE","spec":${specText},"startedMs":-1,"doneMs":6,"cancelled":true}`,
    ],
    [
      { state: "RUNNING", spec, startedMs: 0, status: "{}" },
      `{"state":"RUNNING","spec":${specText},"startedMs":0}`,
    ],
    [
      { state: "RUNNING", spec, startedMs: 0, status: "[]" },
      `{"state":"RUNNING","spec":${specText},"startedMs":0}`,
    ],
    [
      { state: "RUNNING", spec, startedMs: 0, status: '{"a":null,"b":{},"c":[],"d":""}' },
      `{"state":"RUNNING","spec":${specText},"startedMs":0,` +
        '"status":{"a":null,"b":{},"c":[],"d":""}}',
    ],
  ])("%#", (state, text) => {
    expect(taskTexts(ours)(state)).toBe(text);
  });

  test("is made once for each state", () => {
    let made = 0;
    const textOf = taskTexts({
      specText(data) {
        made += 1;
        return data.text;
      },
    });
    const state: TaskState = { state: "PENDING", spec, status: "null" };
    expect([textOf(state), textOf(state)]).toEqual([textOf({ ...state }), textOf(state)]);
    expect(made).toBe(2);
  });
});

describe("a worker's text", () => {
  const base = { taskId: "t1", spec };
  test.each<[WorkerState, string]>([
    [{ ...base, state: "STARTING" }, `{"state":"STARTING","taskId":"t1","spec":${specText}}`],
    [{ ...base, taskId: "", state: "STARTING" }, `{"state":"STARTING","spec":${specText}}`],
    [
      { ...base, state: "RUNNING", startedMs: 5, status: '"active"' },
      `{"state":"RUNNING","taskId":"t1","spec":${specText},"startedMs":5,"status":"active"}`,
    ],
    [
      { ...base, state: "STOPPING", startedMs: 5, status: "null" },
      `{"state":"STOPPING","taskId":"t1","spec":${specText},"startedMs":5,"status":null}`,
    ],
    [
      { ...base, state: "DONE", startedMs: 5, doneMs: 6, status: "{}", error: "" },
      `{"state":"DONE","taskId":"t1","spec":${specText},"startedMs":5,"doneMs":6}`,
    ],
    [
      { ...base, state: "DONE", startedMs: 5, doneMs: 6, status: "null", error: "worker expired" },
      `{"state":"DONE","taskId":"t1","spec":${specText},"startedMs":5,"doneMs":6,` +
        `"status":null,"error":"worker expired"}`,
    ],
  ])("%#", (state, text) => {
    expect(workerTexts(ours.specText)(state)).toBe(text);
  });
});

describe("for Java", () => {
  const pending = (data: SpecData): TaskState => ({ state: "PENDING", spec: data, status: "null" });
  const extended = { ...spec, text: `${specText.slice(0, -1)},"extension":1}` };

  test("tasks of our own classes are left out of lists", () => {
    const states: [string, TaskState][] = [
      ["a", pending(ownSpec)],
      ["b", pending(spec)],
    ];
    const text = stateMap(states, taskTexts(java));
    expect(text).toBe(`{"b":{"state":"PENDING","spec":${specText},"status":null}}`);
  });

  test("fields of ours are left out of specs", () => {
    expect(taskTexts(java)(pending(extended))).toContain(`"spec":${specText},`);
    expect(taskTexts(ours)(pending(extended))).toContain(`"extension":1`);
  });
});

describe("what the statuses of several nodes amount to", () => {
  const several: TaskState = { state: "RUNNING", spec, startedMs: 1, status: '{"n1":1,"n2":2}' };
  const merged = (status: string) => (status.includes("n2") ? '{"p50":3}' : undefined);

  test("stands beside them", () => {
    const text = taskTexts({ ...ours, merged })(several);
    expect(text).toContain(`"status":{"n1":1,"n2":2,"trogdor.merged":{"p50":3}}`);
  });

  test("is not there for Java, nor where there is nothing to merge", () => {
    expect(taskTexts(java)(several)).not.toContain("trogdor.merged");
    expect(taskTexts({ ...ours, merged })({ ...several, status: '{"n1":1}' })).not.toContain(
      "trogdor.merged",
    );
    expect(taskTexts({ ...ours, merged })({ ...several, status: "{}" })).not.toContain("status");
  });
});

test("ids of any characters survive in a list", () => {
  const odd = ['"', "\\", "\u0000", "ü", "\ud800", "__proto__"];
  const state: TaskState = { state: "PENDING", spec, status: "null" };
  const text = stateMap(
    odd.map((id) => [id, state] as const),
    taskTexts(ours),
  );
  expect(Object.keys(JSON.parse(text) as object).sort()).toEqual([...odd].sort());
});
