// The reference's cases for a coordinator with its agents: what its own tests require, by their
// numbers. (Cases 20, uptime and 31 to 35, filters, stand with the shells and the filter.)

import { describe, expect, test } from "bun:test";
import { noOpSpec, SteppedCluster } from "./stepped-cluster.suite.ts";
import type { TaskState } from "./task-state.ts";

const done = (startedMs: number, doneMs: number, status: string, more: object = {}) => ({
  state: "DONE" as const,
  startedMs,
  doneMs,
  status,
  error: "",
  cancelled: false,
  ...more,
});

/** The members that are asked for. */
function shown(task: TaskState | undefined): object | undefined {
  return task === undefined ? undefined : { ...task, status: task.status };
}

describe("a coordinator with one agent", () => {
  test("cases 21 to 24: a task is PENDING, RUNNING and DONE at its times", () => {
    const cluster = new SteppedCluster();
    const spec = noOpSpec(1, 2);
    expect(cluster.createTask("foo", spec)).toBeUndefined();
    expect(shown(cluster.task("foo"))).toEqual({ state: "PENDING", spec, status: "null" });
    expect(cluster.createTask("foo", noOpSpec(1, 2))).toBeUndefined();
    expect(cluster.createTask("foo", noOpSpec(1000, 2000))).toEqual({
      code: "conflict",
      message: `Task ID foo already exists, and has a different spec ${spec.text}`,
    });
    cluster.at(2);
    const running = { state: "RUNNING", startedMs: 2, status: '"active"' } as const;
    expect(shown(cluster.task("foo"))).toEqual({ spec, ...running });
    expect(cluster.agent().workers().get(0n)).toMatchObject(running);
    cluster.at(5);
    expect(shown(cluster.task("foo"))).toEqual({ spec, ...done(2, 5, '"done"') });
  });

  test("case 28: a destroyed task never runs, and other tasks go on", () => {
    const cluster = new SteppedCluster();
    cluster.createTask("foo", noOpSpec(1, 600_000));
    expect(cluster.destroyTask("baz")).toBeUndefined();
    cluster.createTask("bar", noOpSpec(20, 20));
    expect(cluster.destroyTask("bar")).toBeUndefined();
    expect(cluster.task("bar")).toBeUndefined();
    cluster.at(21);
    expect(cluster.task("bar")).toBeUndefined();
    expect(cluster.task("foo")?.state).toBe("RUNNING");
    expect(cluster.agent().sent).toEqual(["create 0"]);
  });

  test("case 29: a destroyed running task is gone at once, its worker soon after", () => {
    const cluster = new SteppedCluster();
    cluster.createTask("foo", noOpSpec(0, 600_000));
    cluster.at(2);
    expect(cluster.task("foo")?.state).toBe("RUNNING");
    cluster.destroyTask("foo");
    expect(cluster.task("foo")).toBeUndefined();
    cluster.at(3);
    expect(cluster.agent().workers().size).toBe(0);
    expect(cluster.agent().sent).toEqual(["create 0", "stop 0", "destroy 0"]);
  });

  test("cases 37 and 38: what an agent lost is sent again, but not when it is over", () => {
    const cluster = new SteppedCluster();
    cluster.at(2);
    cluster.createTask("foo", noOpSpec(1, 500));
    cluster.at(2);
    const spec = noOpSpec(2, 500);
    const running = { state: "RUNNING" as const, spec, startedMs: 2, status: '"active"' };
    expect(shown(cluster.task("foo"))).toEqual(running);
    cluster.nowMs = 552;
    cluster.agent().restart({ isEmptied: true });
    cluster.at(552);
    const ended = { spec, ...done(2, 552, "null", { error: "worker expired" }) };
    expect(shown(cluster.task("foo"))).toEqual(ended);
    expect(cluster.agent().sent).toEqual(["create 0", "create 0"]);
    cluster.agent().restart({ isEmptied: true });
    cluster.at(600);
    expect(cluster.agent().sent).toEqual(["create 0", "create 0"]);
    expect(shown(cluster.task("foo"))).toEqual(ended);
  });

  test("case 39: a start that is over means now, with the full duration", () => {
    const cluster = new SteppedCluster();
    cluster.nowMs = 552;
    // Whatever the agent does with it, nothing is known before its first answer.
    cluster.agent().isUp = false;
    cluster.createTask("foo", noOpSpec(1, 500));
    expect(shown(cluster.task("foo"))).toEqual({
      state: "RUNNING",
      spec: noOpSpec(552, 500),
      startedMs: 552,
      status: '"receiving"',
    });
    expect(cluster.createTask("foo", noOpSpec(1, 500))).toBeUndefined();
  });

  test("case 40: a start that is to come stays as it is", () => {
    const cluster = new SteppedCluster();
    cluster.nowMs = 999;
    cluster.createTask("foo", noOpSpec(1000, 500));
    const spec = noOpSpec(1000, 500);
    expect(shown(cluster.task("foo"))).toEqual({ state: "PENDING", spec, status: "null" });
  });

  test("case 41: an unknown task is not there", () => {
    expect(new SteppedCluster().task("nope")).toBeUndefined();
  });
});

describe("a coordinator with several agents", () => {
  test("case 25: a task runs on both, and its status shows both", () => {
    const cluster = new SteppedCluster({ nodes: ["node01", "node02"] });
    cluster.createTask("foo", noOpSpec(5, 7));
    expect(cluster.task("foo")?.state).toBe("PENDING");
    const workerCounts = () => [...cluster.agents.values()].map((agent) => agent.workers().size);
    expect(workerCounts()).toEqual([0, 0]);
    cluster.at(11);
    const active = '{"node01":"active","node02":"active"}';
    expect(cluster.task("foo")).toMatchObject({ state: "RUNNING", startedMs: 11 });
    expect(cluster.task("foo")?.status).toBe(active);
    expect(workerCounts()).toEqual([1, 1]);
    cluster.at(18);
    const status = '{"node01":"done","node02":"done"}';
    const spec = noOpSpec(5, 7);
    expect(shown(cluster.task("foo"))).toEqual({ spec, ...done(11, 18, status) });
  });

  test("cases 26 and 27: a stopped task ends cancelled, and goes when it is destroyed", () => {
    const cluster = new SteppedCluster({ nodes: ["node01", "node02"] });
    cluster.createTask("foo", noOpSpec(5, 600_000));
    cluster.at(11);
    expect(cluster.stopTask("foo")).toBeUndefined();
    cluster.at(12);
    expect(cluster.task("foo")).toMatchObject({ state: "DONE", cancelled: true, error: "" });
    expect(cluster.task("foo")?.status).toBe('{"node01":"done","node02":"done"}');
    const states = [...cluster.agents.values()].flatMap((agent) =>
      [...agent.workers().values()].map(({ state }) => state),
    );
    expect(states).toEqual(["DONE", "DONE"]);
    cluster.destroyTask("foo");
    expect(cluster.task("foo")).toBeUndefined();
  });

  test("case 42: workers may end at different times", () => {
    const halts = (_taskId: string, node: string) => ({
      afterMs: node === "node02" ? 10 : 20,
      error: "",
    });
    const nodes = ["node01", "node02", "node03"];
    const cluster = new SteppedCluster({ nodes, halts, targets: () => ["node03", "node02"] });
    cluster.createTask("foo", noOpSpec(2, 600_000));
    cluster.at(2);
    cluster.at(12);
    expect(cluster.task("foo")?.state).toBe("RUNNING");
    expect(cluster.task("foo")?.status).toBe('{"node02":"halted","node03":"active"}');
    cluster.at(22);
    const status = '{"node02":"halted","node03":"halted"}';
    const spec = noOpSpec(2, 600_000);
    expect(shown(cluster.task("foo"))).toEqual({ spec, ...done(2, 22, status) });
    expect(cluster.agent("node01").workers().size).toBe(0);
  });
});
