// What the archive's lines hold, and what becomes of a task type that cannot name its nodes.

import { describe, expect, test } from "bun:test";
import type { CoordinatorEvent } from "../../core/coordinator/coordinator-events.ts";
import type { TaskState } from "../../core/task-state.ts";
import { createSimulatedClock } from "../../platform/clock/simulated-clock.ts";
import { silentLog } from "../../platform/log/log.ts";
import { specCatalog } from "../../tasks/spec-catalog.ts";
import { createPendingRequests } from "../pending-requests.ts";
import { noOp, topologyOf } from "../simulated-daemons.suite.ts";
import type { AgentCaller } from "./agent-caller.ts";
import { createPerformer } from "./perform-effect.ts";
import { archiveLine } from "./task-archive.ts";
import { createTaskView } from "./task-view.ts";

test("a task type that finds no nodes says why", () => {
  const events: CoordinatorEvent[] = [];
  const perform = createPerformer({
    clock: createSimulatedClock(5),
    catalog: {
      ...specCatalog,
      targetNodes: () => {
        throw new Error("broker 3 is on no node");
      },
    },
    topology: topologyOf(["n1"]),
    log: silentLog,
    view: createTaskView(),
    requests: createPendingRequests(),
    caller: {} as AgentCaller,
    post: (event) => events.push(event),
  });
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
