// What the archive's lines hold, and what becomes of a task type that cannot name its nodes.

import { describe, expect, test } from "bun:test";
import type { CoordinatorEvent } from "../../core/coordinator/coordinator-events.ts";
import type { SpecData } from "../../core/spec-data.ts";
import type { TaskState } from "../../core/task-state.ts";
import { createSimulatedClock } from "../../platform/clock/simulated-clock.ts";
import { silentLog } from "../../platform/log/log.ts";
import { specCatalog } from "../../tasks/spec-catalog.ts";
import { createPendingRequests } from "../pending-requests.ts";
import { noOp, topologyOf } from "../simulated-daemons.suite.ts";
import type { AgentCaller } from "./agent-caller.ts";
import { createPerformer, type PerformerParts } from "./perform-effect.ts";
import { archiveLine } from "./task-archive.ts";
import { createTaskView } from "./task-view.ts";

function performer(parts: Partial<PerformerParts>) {
  const events: CoordinatorEvent[] = [];
  const perform = createPerformer({
    clock: createSimulatedClock(5),
    catalog: specCatalog,
    topology: topologyOf(["n1"]),
    log: silentLog,
    view: createTaskView(),
    requests: createPendingRequests(),
    caller: {} as AgentCaller,
    post: (event) => events.push(event),
    ...parts,
  });
  return { events, perform };
}

test("a task type that finds no nodes says why", () => {
  const targetNodes = () => {
    throw new Error("broker 3 is on no node");
  };
  const { events, perform } = performer({ catalog: { ...specCatalog, targetNodes } });
  perform({ type: "findTargets", taskId: "t", serial: 3, spec: noOp(0, 1) });
  const error = "broker 3 is on no node";
  expect(events).toEqual([
    {
      type: "targetsFound",
      taskId: "t",
      serial: 3,
      nodes: undefined,
      error,
      nowMs: 5,
      monotonicMs: 0,
    },
  ]);
});

describe("a spec that leaves its targets to be found", () => {
  const asked = noOp(0, 1);
  const effect = { type: "findTargets", taskId: "t", serial: 3, spec: asked } as const;

  test("reaches its workers with what was found", async () => {
    const workerSpec = noOp(0, 2);
    const targetNodes = (spec: SpecData) => (spec === workerSpec ? ["n1"] : []);
    const { events, perform } = performer({
      catalog: { ...specCatalog, targetNodes },
      resolveSpec: () => Promise.resolve(workerSpec),
    });
    perform(effect);
    expect(events).toEqual([]);
    await Promise.resolve();
    expect(events).toMatchObject([{ type: "targetsFound", nodes: ["n1"], error: "", workerSpec }]);
  });

  test("fails with why they were not found", async () => {
    const resolveSpec = () => Promise.reject(new Error("no broker answers"));
    const { events, perform } = performer({ resolveSpec });
    perform(effect);
    await Promise.resolve();
    expect(events).toMatchObject([{ nodes: undefined, error: "no broker answers" }]);
  });
});

describe("a line of the archive", () => {
  const spec = noOp(7, 8);
  const times = { startedMs: 1, doneMs: 2, cancelled: true };
  const done: TaskState = { state: "DONE", spec, ...times, error: "bad", status: '{"a":1.50}' };

  test("holds id, state, spec and status as they were", () => {
    const line = archiveLine({ id: 'a"b', serial: 1, task: done });
    expect(line).toEndWith(`"spec":${spec.text},"status":{"a":1.50}}`);
    expect(JSON.parse(line)).toMatchObject({ id: 'a"b', state: "DONE", ...times, error: "bad" });
  });

  test("leaves out what there is not", () => {
    const task: TaskState = { ...done, error: "", status: undefined };
    const { error, status } = JSON.parse(archiveLine({ id: "a", serial: 1, task }));
    expect([error, status]).toEqual([undefined, undefined]);
  });
});
