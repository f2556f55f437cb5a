// What a coordinator knows after a restart, and what it does about what it does not know.

import { describe, expect, test } from "bun:test";
import { CoordinatorDriver, reported, spec } from "./coordinator-driver.suite.ts";

describe("after a restart", () => {
  test("the id, the next worker id and all tasks are the same", () => {
    const driver = new CoordinatorDriver();
    driver.running(["n1", "n2"], "a");
    driver.create("b", spec(1e12));
    driver.create("c");
    driver.found([], "", "c");
    const ids = ["a", "b", "c"];
    const before = ids.map((id) => ({ ...driver.task(id), status: undefined }));
    driver.rows.set("coordinator self", {
      ...driver.rows.get("coordinator self")!,
      value: driver.rows.get("coordinator self")!.value.replace("fresh", "kept"),
    });
    driver.restart();
    expect(ids.map((id) => ({ ...driver.task(id), status: undefined }))).toEqual(before);
    expect([driver.state.coordinatorId, driver.state.nextWorkerId]).toEqual(["kept", 2n]);
    expect(driver.state.counts).toEqual({ PENDING: 1, RUNNING: 1, STOPPING: 0, DONE: 1 });
    driver.create("d");
    expect(driver.state.tasks.get("d")!.serial).toBe(4);
  });

  test("a worker that ran goes on, and how the others ended is known", () => {
    const driver = new CoordinatorDriver();
    driver.running(["n1", "n2"]);
    driver.polled("n1", [[0n, reported("DONE", { status: '"early"' })]]);
    driver.restart();
    expect(driver.task()?.status).toBe('{"n1":"early","n2":"receiving"}');
    driver.polled("n2", [[1n, reported("RUNNING")]]);
    expect([driver.calls(), driver.task()?.status]).toEqual([[], '{"n1":"early","n2":"s"}']);
    driver.polled("n2", [[1n, reported("DONE")]]);
    expect(driver.task()).toMatchObject({ state: "DONE", error: "" });
    driver.restart();
    expect(driver.task()).toMatchObject({ state: "DONE", status: '{"n1":"early","n2":"s"}' });
  });

  test("a worker that its node does not have is sent, under the same id", () => {
    const driver = new CoordinatorDriver({ nodes: ["n1"] });
    driver.create();
    driver.found(["n1"]);
    driver.restart();
    driver.polled("n1");
    expect(driver.calls()).toEqual(["create n1 0"]);
  });

  test("a worker that was not sent gets the spec with the targets that were found", () => {
    const driver = new CoordinatorDriver({ nodes: ["n1"] });
    driver.create();
    const found = { ...spec(), text: '{"class":"NoOp","found":1}' };
    const { serial } = driver.state.tasks.get("t")!;
    const targets = { taskId: "t", serial, nodes: ["n1"], error: "", workerSpec: found };
    driver.send({ type: "targetsFound", ...targets });
    driver.restart();
    driver.polled("n1");
    const sent = driver.effects.find((effect) => effect.type === "callAgent");
    expect(sent).toMatchObject({ call: "create", spec: found });
    expect(driver.task()?.spec.text).not.toContain("found");
  });

  test("a stop goes on, also for a worker that may never have come to its node", () => {
    const driver = new CoordinatorDriver({ nodes: ["n1"] });
    driver.running(["n1"]);
    driver.stop();
    driver.restart();
    expect(driver.task()).toMatchObject({ state: "STOPPING" });
    driver.polled("n1");
    expect(driver.calls()).toEqual(["stop n1 0"]);
    driver.called("stop", "n1", 0n);
    driver.polled("n1");
    expect(driver.task()).toMatchObject({ state: "DONE", cancelled: true, error: "" });
  });

  test("a task whose start came meanwhile starts now", () => {
    const driver = new CoordinatorDriver();
    driver.create("t", spec(5000));
    driver.nowMs = 9000;
    driver.restart();
    driver.pass(0);
    expect(driver.effects).toContainEqual({
      type: "findTargets",
      taskId: "t",
      serial: 1,
      spec: spec(5000),
    });
  });

  test("workers of a node that left the configuration are over, and the others stop", () => {
    const driver = new CoordinatorDriver();
    driver.running(["n1", "n2"]);
    driver.running(["n2"], "u");
    driver.destroy("u");
    driver.restart({ nodes: ["n1"] });
    const error = "node n2 is no longer in the configuration";
    expect(driver.state.tasks.get("t")).toMatchObject({ state: "STOPPING", error });
    expect(driver.stored("worker")).toEqual(["1"]);
    driver.polled("n1", [[0n, reported("RUNNING")]]);
    expect(driver.calls()).toEqual(["stop n1 0"]);
    driver.polled("n1", [[0n, reported("DONE")]]);
    driver.destroy();
    expect(driver.state.workers.get(1n)).toBeUndefined();
  });

  test("rows of a newer version are refused", () => {
    const driver = new CoordinatorDriver();
    const row = driver.rows.get("coordinator self")!;
    driver.rows.set("coordinator self", { ...row, value: row.value.replace(":1,", ":2,") });
    expect(() => driver.restart()).toThrow("written by a newer version (format 2");
  });
});
