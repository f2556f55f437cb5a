// Every state of a worker on the agent with every event, in one table.

import { describe, expect, test } from "bun:test";
import {
  type AgentWorker,
  type AgentWorkerEvent,
  agentWorkerStep,
  newAgentWorker,
  workerStateOf,
} from "./worker-transitions.ts";

const spec = { className: "C", startMs: 10n, durationMs: 10, text: "{}" };
const starting: AgentWorker = newAgentWorker(1n, "t", spec, 12);
const running: AgentWorker = { ...starting, state: "RUNNING", status: '"active"' };
const stopping: AgentWorker = { ...running, state: "STOPPING" };
const silenced: AgentWorker = { ...stopping, error: "silent" };
const destroyed: AgentWorker = { ...stopping, destroyedBy: "" };
const done: AgentWorker = { ...running, state: "DONE", doneMs: 15, error: "boom" };
const records = { starting, running, stopping, silenced, destroyed, done };

const events: Record<string, AgentWorkerEvent> = {
  started: { type: "started" },
  status: { type: "status", status: '"new"' },
  stop: { type: "stop", error: "" },
  silence: { type: "stop", error: "silent" },
  destroy: { type: "destroy", by: "c1" },
  ended: { type: "ended", nowMs: 18, error: "" },
  failed: { type: "ended", nowMs: 18, error: "bad" },
};

/** What changes; nothing where a pair is missing. */
const table: Record<string, Partial<AgentWorker>> = {
  "starting started": { state: "RUNNING" },
  "starting stop": { state: "STOPPING" },
  "starting silence": { state: "STOPPING", error: "silent" },
  "starting destroy": { state: "STOPPING", destroyedBy: "c1" },
  "running stop": { state: "STOPPING" },
  "running silence": { state: "STOPPING", error: "silent" },
  "running destroy": { state: "STOPPING", destroyedBy: "c1" },
  "stopping destroy": { destroyedBy: "c1" },
  "silenced destroy": { destroyedBy: "c1" },
  "silenced ended": { state: "DONE", doneMs: 18, error: "silent" },
  "done destroy": { destroyedBy: "c1" },
};

/** The same in every state but DONE. */
const usually: Record<string, Partial<AgentWorker>> = {
  status: { status: '"new"' },
  ended: { state: "DONE", doneMs: 18 },
  failed: { state: "DONE", doneMs: 18, error: "bad" },
};

const pairs = Object.entries(records).flatMap(([from, record]) =>
  Object.entries(events).map(([event, value]) => ({
    name: `${from} ${event}`,
    record,
    event,
    value,
  })),
);

describe("a worker on the agent", () => {
  test.each(pairs)("$name", ({ name, record, event, value }) => {
    const next = agentWorkerStep(record, value);
    const change = table[name] ?? (record === done ? undefined : usually[event]);
    expect(next).toEqual({ ...record, ...change });
    if (change === undefined) expect(next).toBe(record);
  });

  test("does not change at a status that says nothing new", () => {
    expect(agentWorkerStep(running, { type: "status", status: '"active"' })).toBe(running);
  });

  test.each([
    [20, 10, "worker expired"],
    [10, 0, "worker expired: durationMs is 0 or missing, so it was over before it began"],
  ])("that comes at %p with durationMs %p is over at once", (nowMs, durationMs, error) => {
    const late = newAgentWorker(1n, "t", { ...spec, durationMs }, nowMs);
    expect(late).toMatchObject({ state: "DONE", startedMs: nowMs, doneMs: nowMs, error });
  });

  test("has in each state the members of the wire", () => {
    const base = { taskId: "t", spec };
    expect(Object.values(records).map(workerStateOf)).toEqual([
      { state: "STARTING", ...base },
      { state: "RUNNING", ...base, startedMs: 12, status: '"active"' },
      { state: "STOPPING", ...base, startedMs: 12, status: '"active"' },
      { state: "STOPPING", ...base, startedMs: 12, status: '"active"' },
      { state: "STOPPING", ...base, startedMs: 12, status: '"active"' },
      { state: "DONE", ...base, startedMs: 12, doneMs: 15, status: '"active"', error: "boom" },
    ]);
  });
});
