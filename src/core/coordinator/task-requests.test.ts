// What is answered to create, stop and destroy, and what a task's start does.

import { describe, expect, test } from "bun:test";
import { CoordinatorDriver, spec } from "./coordinator-driver.suite.ts";

describe("requests", () => {
  test.each([
    ["createTask", (driver: CoordinatorDriver) => driver.create("")],
    ["stopTask", (driver: CoordinatorDriver) => driver.stop("")],
    ["destroyTask", (driver: CoordinatorDriver) => driver.destroy("")],
  ])("%s refuses an empty id", (request, ask) => {
    expect(ask(new CoordinatorDriver())).toEqual({
      code: "invalidRequest",
      message: `Invalid empty ID in ${request} request.`,
    });
  });

  test("stop and destroy of an unknown task are granted and do nothing", () => {
    const driver = new CoordinatorDriver();
    expect([driver.stop("x"), driver.destroy("x")]).toEqual([undefined, undefined]);
    expect([...driver.rows.keys()]).toEqual(["coordinator self"]);
  });

  test("a task is on disk and shown in the step that answers its create", () => {
    const driver = new CoordinatorDriver();
    driver.create("t", spec(5000));
    expect(driver.effects.map(({ type }) => type)).toEqual(["show", "answer"]);
    expect(driver.stored("task")).toEqual(["t"]);
  });

  test("the same task again is compared as it was submitted, in any state", () => {
    const driver = new CoordinatorDriver();
    driver.create("t", spec(0));
    driver.nowMs += 60_000;
    expect(driver.create("t", spec(0))).toBeUndefined();
    driver.stop();
    expect(driver.task()?.state).toBe("DONE");
    expect(driver.create("t", spec(0))).toBeUndefined();
    expect(driver.create("t", spec(1000))).toMatchObject({ code: "conflict" });
    expect(driver.create("t", spec(0, 7))).toMatchObject({ code: "conflict" });
    driver.restart();
    expect(driver.create("t", spec(0))).toBeUndefined();
  });

  test("the same task again may have its maps in another order", () => {
    const driver = new CoordinatorDriver();
    const withConf = (conf: string) => {
      const plain = spec(0);
      return { ...plain, text: `${plain.text.slice(0, -1)},"conf":{${conf}}}` };
    };
    driver.create("t", withConf('"a":"1","b":"2"'));
    expect(driver.create("t", withConf('"b":"2","a":"1"'))).toBeUndefined();
    expect(driver.create("t", withConf('"b":"1","a":"2"'))).toMatchObject({ code: "conflict" });
  });

  test("a PENDING task that is stopped is DONE at once", () => {
    const driver = new CoordinatorDriver();
    driver.create("t", spec(5000));
    driver.stop();
    expect({ ...driver.task() }).toEqual({
      state: "DONE",
      spec: spec(5000),
      startedMs: -1,
      doneMs: 1000,
      error: "",
      cancelled: true,
      status: undefined,
    });
    driver.pass(10_000);
    expect(driver.effects.some(({ type }) => type === "findTargets")).toBeFalse();
  });
});

describe("a task's start", () => {
  test("waits for its time on the wall clock", () => {
    const driver = new CoordinatorDriver({ nodes: [] });
    driver.create("t", spec(5000));
    expect(driver.waitMs()).toBe(4000);
    driver.pass(3999);
    expect(driver.effects).toEqual([]);
    driver.pass(1);
    expect(driver.effects).toMatchObject([{ type: "findTargets", taskId: "t" }]);
  });

  test("gives each node one worker, with ids in the order of the nodes", () => {
    const driver = new CoordinatorDriver();
    driver.create();
    driver.found(["n2", "n1", "n2"]);
    expect(driver.state.tasks.get("t")?.workers).toEqual([
      ["n1", 0n],
      ["n2", 1n],
    ]);
    expect(driver.task()).toMatchObject({ state: "RUNNING", startedMs: 1000 });
    expect(driver.task()?.status).toBe('{"n1":"receiving","n2":"receiving"}');
    expect(driver.calls()).toEqual(["poll n1 1", "poll n2 1"]);
  });

  test.each([
    [["zz", "n1", "yy"], "", "Unknown node names: yy, zz"],
    [[], "", "No node names specified."],
    [undefined, "no such broker", "no such broker"],
  ])("on %p %s ends it", (nodes, error, text) => {
    const driver = new CoordinatorDriver();
    driver.create();
    driver.found(nodes, error);
    expect({ ...driver.task() }).toEqual({
      state: "DONE",
      spec: spec(1000),
      startedMs: -1,
      doneMs: 1000,
      error: `Unable to find nodes for task: ${text}`,
      cancelled: false,
      status: undefined,
    });
  });

  test("does not happen when it was stopped, or destroyed and created anew, meanwhile", () => {
    const driver = new CoordinatorDriver();
    driver.create();
    const first = driver.state.tasks.get("t")!.serial;
    driver.destroy();
    driver.create("t", spec(9000));
    const late = { type: "targetsFound", taskId: "t", serial: first, nodes: ["n1"], error: "" };
    driver.send(late);
    expect(driver.task()?.state).toBe("PENDING");
    driver.stop();
    driver.found(["n1"]);
    expect(driver.task()?.state).toBe("DONE");
    driver.send({ ...late, taskId: "unknown" });
    expect(driver.state.workers.size).toBe(0);
  });
});
