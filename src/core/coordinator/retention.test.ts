// How long finished tasks and forgotten workers are kept, in memory and on disk.

import { describe, expect, test } from "bun:test";
import { CoordinatorDriver, reported, spec } from "./coordinator-driver.suite.ts";

/** Tasks that are over at once, because they name no node. */
function finish(driver: CoordinatorDriver, ids: readonly string[]): void {
  for (const id of ids) {
    driver.create(id);
    driver.found([], "", id);
  }
}

const taskIds = (driver: CoordinatorDriver) => [...driver.state.tasks.keys()];

describe("finished tasks", () => {
  test("are kept up to the bound, the oldest leave first, and others do not count", () => {
    const driver = new CoordinatorDriver({ retainTasks: 2 });
    driver.create("pending", spec(1e12));
    finish(driver, ["a", "b", "c", "d"]);
    expect(taskIds(driver)).toEqual(["pending", "c", "d"]);
    expect(driver.stored("task")).toEqual(["c", "d", "pending"]);
    expect(driver.effects).toContainEqual({ type: "show", taskId: "b", task: undefined });
    expect(driver.state.counts).toEqual({ PENDING: 1, RUNNING: 0, STOPPING: 0, DONE: 2 });
  });

  test("leave by their age, which the machine waits for", () => {
    const driver = new CoordinatorDriver({ retainForMs: 5000, nodes: [] });
    finish(driver, ["a"]);
    driver.pass(1000);
    finish(driver, ["b"]);
    expect(driver.waitMs()).toBe(4000);
    driver.pass(4000);
    expect(taskIds(driver)).toEqual(["b"]);
    driver.restart();
    driver.pass(1000);
    expect(taskIds(driver)).toEqual([]);
  });

  test("leave for the archive first where there is one", () => {
    const driver = new CoordinatorDriver({ retainTasks: 1, archives: true });
    finish(driver, ["a", "b", "c"]);
    expect(driver.effects).toContainEqual({
      type: "archive",
      tasks: [{ id: "b", serial: 2, task: driver.task("b")! }],
    });
    expect(taskIds(driver)).toEqual(["a", "b", "c"]);
    driver.send({ type: "archived", serials: [1, 99] });
    expect(taskIds(driver)).toEqual(["b", "c"]);
    driver.restart();
    driver.pass(0);
    expect(driver.effects.map(({ type }) => type)).toContain("archive");
    driver.destroy("b");
    driver.send({ type: "archived", serials: [2] });
    expect(taskIds(driver)).toEqual(["c"]);
  });

  test("are all on their way to the archive: nothing to wait for", () => {
    const driver = new CoordinatorDriver({ retainTasks: 0, archives: true, nodes: [] });
    finish(driver, ["a"]);
    expect(driver.waitMs()).toBe(Number.POSITIVE_INFINITY);
  });
});

describe("workers of a task that is gone", () => {
  test("are stopped, and deleted on their node when they are over", () => {
    const driver = new CoordinatorDriver({ nodes: ["n1"] });
    driver.running(["n1"]);
    driver.destroy();
    expect([taskIds(driver), driver.calls()]).toEqual([[], ["stop n1 0"]]);
    driver.called("stop", "n1", 0n);
    driver.polled("n1", [[0n, reported("STOPPING")]]);
    expect(driver.calls()).toEqual([]);
    driver.polled("n1", [[0n, reported("DONE")]]);
    expect(driver.calls()).toEqual(["destroy n1 0"]);
    driver.called("destroy", "n1", 0n, "unavailable");
    driver.polled("n1", [[0n, reported("DONE")]]);
    expect(driver.calls()).toEqual(["destroy n1 0"]);
    expect(driver.stored("worker")).toEqual(["0"]);
    driver.called("destroy", "n1", 0n);
    expect([driver.state.workers.size, driver.stored("worker")]).toEqual([0, []]);
  });

  test("are deleted at once when they are over, not at all when they never were sent", () => {
    const driver = new CoordinatorDriver({ nodes: ["n1"] });
    driver.running(["n1"]);
    driver.polled("n1", [[0n, reported("DONE")]]);
    driver.destroy();
    expect(driver.calls()).toEqual(["destroy n1 0"]);
    driver.called("destroy", "n1", 0n);
    driver.create("u");
    driver.found(["n1"], "", "u");
    driver.destroy("u");
    expect([driver.calls(), driver.state.workers.size]).toEqual([[], 0]);
  });

  test("need nothing more when the node has forgotten them before", () => {
    const driver = new CoordinatorDriver({ nodes: ["n1"], listedWorkersMax: 0 });
    driver.running(["n1"]);
    driver.polled("n1", [[0n, reported("DONE")]]);
    driver.called("destroy", "n1", 0n);
    driver.destroy();
    expect([driver.calls(), driver.stored("worker")]).toEqual([[], []]);
  });

  test("are remembered for a silent node, across a restart, and deleted there", () => {
    const driver = new CoordinatorDriver({ nodes: ["n1"] });
    driver.running(["n1"]);
    driver.pollFailed("n1");
    driver.destroy();
    expect(driver.calls()).toEqual([]);
    driver.restart();
    driver.polled("n1", [[0n, reported("RUNNING")]]);
    expect(driver.calls()).toEqual(["stop n1 0"]);
    driver.called("stop", "n1", 0n);
    driver.polled("n1");
    expect(driver.calls()).toEqual(["destroy n1 0"]);
    driver.called("destroy", "n1", 0n);
    expect(driver.stored("worker")).toEqual([]);
  });

  test("are given up beyond the bound, the oldest first", () => {
    const driver = new CoordinatorDriver({ nodes: ["n1"], forgottenMax: 1 });
    driver.running(["n1"], "a");
    driver.running(["n1"], "b");
    driver.pollFailed("n1");
    driver.destroy("a");
    driver.destroy("b");
    expect([...driver.state.forgotten]).toEqual([1n]);
    expect(driver.stored("worker")).toEqual(["1"]);
  });
});
