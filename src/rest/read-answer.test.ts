// Answers as the Java daemons give them: members that are missing, null or of another spelling, and
// task classes that we do not know.

import { describe, expect, test } from "bun:test";
import { readAgentStatus, readTask, readTasks, readUptime } from "./read-answer.ts";
import { noOpClass, noOpSpec } from "./recorded-services.ts";

const specText = `{"class":"${noOpClass}","startMs":7,"durationMs":5000}`;
const spec = noOpSpec(7n, 5000);

describe("an agent's status", () => {
  test.each([
    '{"serverStartMs":5}',
    '{"serverStartMs":5,"workers":null}',
    '{"workers":{},"serverStartMs":"5"}',
  ])("without workers: %s", (text) => {
    expect(readAgentStatus(text)).toEqual({ serverStartMs: 5, workers: new Map() });
  });

  test("has workers by id, sorted as signed numbers", () => {
    const one = `{"state":"STARTING","taskId":"a","spec":${specText}}`;
    const ids = ["10", "4610503666182218107", "-3"].map((id) => `"${id}":${one}`);
    const text = `{"serverStartMs":5,"workers":{${ids}}}`;
    expect([...readAgentStatus(text).workers.keys()]).toEqual([-3n, 10n, 4610503666182218107n]);
  });

  test.each([
    [`{"state":"RECEIVING","spec":${specText}}`, { state: "STARTING", taskId: "", spec }],
    [
      `{"spec":${specText},"taskId":"t","state":"RUNNING"}`,
      { state: "RUNNING", taskId: "t", spec, startedMs: 0, status: "null" },
    ],
    [
      `{"state":"STOPPING","taskId":"t","spec":${specText},"startedMs":9,` +
        '"status":{"n":2.50,"b":12345678901234567890}}',
      {
        state: "STOPPING",
        taskId: "t",
        spec,
        startedMs: 9,
        status: '{"n":2.50,"b":12345678901234567890}',
      },
    ],
    [
      `{"state":"DONE","taskId":"t","spec":${specText},"startedMs":9,"doneMs":10,` +
        '"status":null,"error":"worker expired"}',
      {
        state: "DONE",
        taskId: "t",
        spec,
        startedMs: 9,
        doneMs: 10,
        status: "null",
        error: "worker expired",
      },
    ],
    [
      `{"state":"DONE","taskId":"t","spec":${specText},"error":null,"member":"of a later version"}`,
      { state: "DONE", taskId: "t", spec, startedMs: 0, doneMs: 0, status: "null", error: "" },
    ],
  ])("has a worker as in %s", (worker, expected) => {
    const { workers } = readAgentStatus(`{"workers":{"1":${worker}}}`);
    expect(workers.get(1n)).toEqual(expected as never);
  });

  test("has workers of classes that only Java knows", () => {
    const unknown =
      '{"durationMs":5,"nodeToExitMs":{"n1":3},"class":"org.example.Sample","startMs":-1}';
    const text = `{"workers":{"1":{"state":"STARTING","taskId":"t","spec":${unknown}}}}`;
    expect(readAgentStatus(text).workers.get(1n)?.spec).toEqual({
      className: "org.example.Sample",
      startMs: -1n,
      durationMs: 5,
      text: '{"class":"org.example.Sample","startMs":-1,"durationMs":5,"nodeToExitMs":{"n1":3}}',
    });
  });
});

test("a status keeps its numbers, texts and the order of its members", () => {
  const status = '{"b":2.50,"10":[{"2":1e3,"1":-0}],"a":12345678901234567890,"9":"\\u0001é"}';
  const state = readTask(`{"state":"RUNNING","spec":${specText},"status":${status}}`);
  expect(state.status).toBe(status);
});

describe("tasks", () => {
  test.each(["{}", '{"tasks":{}}', '{"tasks":null}'])("none: %s", (text) => {
    expect(readTasks(text).size).toBe(0);
  });

  test.each([
    [`{"state":"PENDING","spec":${specText}}`, { state: "PENDING", spec, status: "null" }],
    [
      `{"state":"RUNNING","spec":${specText},"startedMs":9,"status":"receiving"}`,
      { state: "RUNNING", spec, startedMs: 9, status: '"receiving"' },
    ],
    [
      `{"state":"DONE","spec":${specText},"startedMs":-1,"doneMs":10,"cancelled":true}`,
      {
        state: "DONE",
        spec,
        startedMs: -1,
        doneMs: 10,
        error: "",
        cancelled: true,
        status: undefined,
      },
    ],
    [
      `{"state":"DONE","spec":${specText},"doneMs":10}`,
      {
        state: "DONE",
        spec,
        startedMs: 0,
        doneMs: 10,
        error: "",
        cancelled: false,
        status: undefined,
      },
    ],
  ])("%s", (text, expected) => {
    expect(readTask(text)).toEqual(expected as never);
  });
});

describe("what is garbled", () => {
  test.each([
    "",
    "null",
    "[]",
    '{"serverStartMs":[]}',
    '{"workers":{"x":{}}}',
    '{"workers":{"1":{"state":"LOST","spec":{}}}}',
    '{"workers":{"1":{"state":"STARTING"}}}',
    '{"workers":[]}',
    `{"workers":{"1":{"state":"STARTING","taskId":{},"spec":${specText}}}}`,
  ])("counts as no answer: %s", (text) => {
    expect(() => readAgentStatus(text)).toThrow(expect.objectContaining({ code: "unavailable" }));
  });

  test("but a member that we do not know is not", () => {
    expect(readUptime('{"serverStartMs":1,"nowMs":2,"more":{}}')).toEqual({
      serverStartMs: 1,
      nowMs: 2,
    });
  });
});
