// What the coordinator asks of a node, given what the node answered or did not answer.

import { describe, expect, test } from "bun:test";
import { CoordinatorDriver, reported, spec } from "./coordinator-driver.suite.ts";

/** A task on n1, started, with the first poll of n1 under way. */
function started(options: ConstructorParameters<typeof CoordinatorDriver>[0] = {}) {
  const driver = new CoordinatorDriver({ nodes: ["n1"], ...options });
  driver.create("t", spec(0, 1_000_000));
  driver.found(["n1"]);
  return driver;
}

const running = (more: object = {}) => reported("RUNNING", more);

describe("creating a worker", () => {
  test("follows the first poll, and is seen in a poll at once", () => {
    const driver = started();
    driver.polled("n1");
    expect(driver.calls()).toEqual(["create n1 0"]);
    driver.called("create", "n1", 0n);
    expect(driver.calls()).toEqual(["poll n1 2"]);
    driver.polled("n1", [[0n, running()]]);
    expect([driver.task()?.state, driver.task()?.status]).toEqual(["RUNNING", '"s"']);
  });

  test("shows as starting until the agent has a status of it", () => {
    const driver = started();
    driver.polled("n1", [[0n, reported("STARTING")]]);
    expect([driver.calls(), driver.task()?.status]).toEqual([[], '"starting"']);
  });

  test("is not repeated while one is under way", () => {
    const driver = started();
    driver.polled("n1");
    driver.polled("n1");
    expect(driver.calls()).toEqual([]);
  });

  test("is repeated after a poll that began when it had failed", () => {
    const driver = started();
    driver.polled("n1");
    driver.pass(1000);
    driver.called("create", "n1", 0n, "unavailable");
    driver.polled("n1");
    expect(driver.calls()).toEqual([]);
    driver.polled("n1");
    expect(driver.calls()).toEqual(["create n1 0"]);
  });

  test.each(["conflict", "unknownClass", "invalidRequest", "refused"] as const)(
    "ends the task when the agent answers %s",
    (code) => {
      const driver = started();
      driver.polled("n1");
      driver.called("create", "n1", 0n, code);
      expect(driver.task()).toMatchObject({
        state: "DONE",
        error: `node n1 refused the worker: refused (${code})`,
      });
      driver.polled("n1");
      expect(driver.calls()).toEqual([]);
    },
  );

  test("does not name the node twice in an error", () => {
    const driver = started();
    driver.polled("n1");
    const message = "node n1 runs a Java agent, which does not know the field x";
    const refusal = { code: "invalidRequest", message };
    driver.send({ type: "called", call: "create", node: "n1", workerId: 0n, refusal });
    expect(driver.task()).toMatchObject({ error: message });
  });

  test("starts again what a node has lost, as the reference does", () => {
    const driver = new CoordinatorDriver({ nodes: ["n1"] });
    driver.running(["n1"]);
    driver.polled("n1");
    expect(driver.calls()).toEqual(["create n1 0"]);
    driver.called("create", "n1", 0n);
    expect(driver.calls()).toEqual([]);
  });

  test("never starts again what was seen STOPPING or DONE", () => {
    const driver = new CoordinatorDriver({ nodes: ["n1"] });
    driver.running(["n1"]);
    driver.polled("n1", [[0n, reported("STOPPING")]]);
    driver.polled("n1");
    expect(driver.calls()).toEqual([]);
    expect(driver.task()).toMatchObject({ state: "DONE", error: "", status: '"s"' });
  });

  test("takes a worker of that id for another task as none of its own", () => {
    const driver = started();
    driver.polled("n1", [[0n, running({ taskId: "other" })]]);
    expect(driver.calls()).toEqual(["create n1 0"]);
  });

  test("keeps to the bound of calls at a time", () => {
    const driver = new CoordinatorDriver({ nodes: ["n1"], callsMax: 2 });
    for (const id of ["a", "b", "c", "d"]) {
      driver.create(id);
      driver.found(["n1"], "", id);
    }
    driver.polled("n1");
    expect(driver.calls()).toEqual(["create n1 0", "create n1 1"]);
    driver.called("create", "n1", 1n);
    expect(driver.calls()).toEqual(["create n1 2"]);
    driver.stop("d");
    driver.called("create", "n1", 0n, "unavailable");
    expect([driver.calls(), driver.task("d")?.state]).toEqual([[], "DONE"]);
  });
});

describe("stopping a worker", () => {
  test("that was never sent needs no node", () => {
    const driver = started();
    driver.pollFailed("n1");
    driver.stop();
    expect(driver.task()).toMatchObject({ state: "DONE", cancelled: true, error: "" });
  });

  test("that may be under way goes on until a later poll shows what became of it", () => {
    const driver = started();
    driver.polled("n1");
    driver.stop();
    expect(driver.calls()).toEqual(["stop n1 0"]);
    driver.called("stop", "n1", 0n);
    driver.polled("n1");
    expect(driver.task()?.state).toBe("STOPPING");
    expect(driver.calls()).toEqual(["stop n1 0"]);
    driver.called("create", "n1", 0n, "unavailable");
    driver.called("stop", "n1", 0n);
    driver.polled("n1");
    expect(driver.task()).toMatchObject({ state: "DONE", cancelled: true, error: "" });
  });

  test("is repeated at each poll until it takes effect", () => {
    const driver = new CoordinatorDriver({ nodes: ["n1"] });
    driver.running(["n1"]);
    driver.stop();
    expect(driver.calls()).toEqual(["stop n1 0"]);
    driver.called("stop", "n1", 0n, "unavailable");
    driver.polled("n1", [[0n, running()]]);
    expect(driver.calls()).toEqual(["stop n1 0"]);
    driver.polled("n1", [[0n, running()]]);
    expect(driver.calls()).toEqual([]);
    driver.called("stop", "n1", 0n);
    driver.polled("n1", [[0n, reported("STOPPING")]]);
    expect([driver.calls(), driver.task()?.state]).toEqual([[], "STOPPING"]);
    driver.polled("n1", [[0n, reported("DONE", { status: '"bye"' })]]);
    expect(driver.task()).toMatchObject({ state: "DONE", cancelled: true, status: '"bye"' });
  });

  test("comes also to one that is ending, which then need not take long", () => {
    const driver = new CoordinatorDriver({ nodes: ["n1"] });
    driver.running(["n1"]);
    driver.polled("n1", [[0n, reported("STOPPING")]]);
    driver.stop();
    expect(driver.calls()).toEqual(["stop n1 0"]);
    driver.called("stop", "n1", 0n);
    driver.polled("n1", [[0n, reported("STOPPING")]]);
    expect(driver.calls()).toEqual([]);
  });

  test("ends also when the agent lost the worker meanwhile", () => {
    const driver = new CoordinatorDriver({ nodes: ["n1"] });
    driver.running(["n1"]);
    driver.pollFailed("n1");
    driver.stop();
    expect(driver.calls()).toEqual([]);
    driver.polled("n1");
    expect(driver.calls()).toEqual(["stop n1 0"]);
    driver.called("stop", "n1", 0n);
    driver.polled("n1");
    expect(driver.task()).toMatchObject({ state: "DONE", cancelled: true, error: "" });
  });

  test("comes to the others when one fails, and the first error stays, with its node", () => {
    const driver = new CoordinatorDriver();
    driver.running(["n1", "n2"]);
    driver.polled("n2", [[1n, reported("DONE", { error: "boom" })]]);
    expect(driver.calls()).toContain("stop n1 0");
    expect(driver.task()?.state).toBe("STOPPING");
    driver.polled("n1", [[0n, reported("DONE", { error: "later" })]]);
    expect(driver.task()).toMatchObject({
      state: "DONE",
      error: "boom (node n2)",
      cancelled: false,
    });
  });
});

describe("workers that nobody here knows", () => {
  test("are noted at one poll and stopped at the next, finished ones left alone", () => {
    const driver = new CoordinatorDriver({ nodes: ["n1"] });
    const strangers = [
      [7n, running({ taskId: "x" })],
      [8n, reported("DONE", { taskId: "x" })],
    ] as const;
    driver.polled("n1", strangers);
    expect(driver.calls()).toEqual([]);
    driver.pass(1000);
    driver.polled("n1", strangers);
    expect(driver.calls()).toEqual(["stop n1 7"]);
  });
});

describe("a node that does not answer", () => {
  const lost = (silentS: number, fate: string) =>
    `node n1 has not answered for ${silentS} s; ${fate}`;

  test("leaves its workers as they were until they are over for agentLostMs", () => {
    const driver = new CoordinatorDriver({ nodes: ["n1"] });
    driver.running(["n1"], "t", spec(0, 30_000));
    const answeredMs = driver.nowMs;
    driver.pollFailed("n1");
    expect(driver.task()).toMatchObject({ state: "RUNNING", status: '"s"' });
    driver.pass(1000 + 30_000 + 60_000 - driver.nowMs);
    driver.pollFailed("n1");
    expect(driver.task()?.state).toBe("RUNNING");
    driver.pass(1000);
    driver.pollFailed("n1");
    const silentS = Math.floor((driver.nowMs - answeredMs) / 1000);
    const error = lost(silentS, "what became of its worker is not known");
    expect(driver.task()).toMatchObject({ state: "DONE", error, status: '"s"' });
  });

  test("loses a stopped worker agentLostMs after the stop", () => {
    const driver = new CoordinatorDriver({ nodes: ["n1"] });
    driver.running(["n1"]);
    driver.stop();
    driver.pass(50_000);
    driver.pollFailed("n1");
    expect(driver.task()?.state).toBe("STOPPING");
    driver.pass(20_000);
    driver.pollFailed("n1");
    expect(driver.task()).toMatchObject({ state: "DONE", cancelled: true });
  });

  test("is not silent because the wall clock was set", () => {
    const driver = new CoordinatorDriver({ nodes: ["n1"] });
    driver.running(["n1"], "t", spec(0, 30_000));
    driver.nowMs += 3_600_000;
    driver.pollFailed("n1");
    driver.pollFailed("n1");
    expect(driver.task()?.state).toBe("RUNNING");
    driver.nowMs -= 7_200_000;
    driver.polled("n1", [[0n, running()]]);
    driver.nowMs += 3_600_000;
    driver.pass(100_000);
    driver.pollFailed("n1");
    driver.pollFailed("n1");
    expect(driver.task()?.state).toBe("DONE");
  });

  test("is asked once more when the coordinator itself was suspended", () => {
    const driver = new CoordinatorDriver({ nodes: ["n1"] });
    driver.running(["n1"], "t", spec(0, 30_000));
    driver.pass(3_600_000);
    driver.pollFailed("n1");
    expect(driver.task()?.state).toBe("RUNNING");
    driver.polled("n1", [[0n, reported("DONE")]]);
    expect(driver.task()).toMatchObject({ state: "DONE", error: "" });
  });

  test("says so when a worker was never sent", () => {
    const driver = started();
    driver.pollFailed("n1");
    driver.pass(2_000_000);
    driver.pollFailed("n1");
    expect(driver.task()).toMatchObject({ error: lost(2000, "its worker was never sent") });
  });

  test("is told to stop what was lost when it comes back, and changes nothing else", () => {
    const driver = new CoordinatorDriver({ nodes: ["n1"] });
    driver.running(["n1"]);
    driver.stop();
    driver.called("stop", "n1", 0n, "unavailable");
    driver.pass(100_000);
    driver.pollFailed("n1");
    driver.pollFailed("n1");
    expect(driver.task()?.state).toBe("DONE");
    const ended = { ...driver.task() };
    driver.polled("n1", [[0n, running({ status: '"still here"' })]]);
    expect(driver.calls()).toEqual(["stop n1 0"]);
    driver.called("stop", "n1", 0n);
    driver.polled("n1", [[0n, reported("DONE", { error: "late" })]]);
    expect({ ...driver.task() }).toEqual(ended);
  });

  test("is asked for nothing that waited in line", () => {
    const driver = new CoordinatorDriver({ nodes: ["n1"], callsMax: 1 });
    for (const id of ["a", "b"]) {
      driver.create(id);
      driver.found(["n1"], "", id);
    }
    driver.polled("n1");
    driver.pollFailed("n1");
    driver.called("create", "n1", 0n, "unavailable");
    expect(driver.calls()).toEqual([]);
  });
});

describe("answers that come late", () => {
  test("to a poll that was given up are dropped", () => {
    const driver = new CoordinatorDriver({ nodes: ["n1"] });
    driver.running(["n1"]);
    const old = driver.pollOf("n1");
    driver.send({ type: "polled", node: "n1", poll: old, workers: new Map() });
    expect(driver.effects).toEqual([]);
    driver.pass(10_000);
    driver.send({ type: "pollFailed", node: "n1", poll: old });
    expect(driver.state.nodes.get("n1")?.isPolling).toBeTrue();
  });

  test("to a call about a worker that is forgotten are dropped", () => {
    const driver = new CoordinatorDriver({ nodes: ["n1"] });
    driver.called("create", "n1", 99n);
    expect(driver.calls()).toEqual([]);
  });
});

describe("finished workers on a node", () => {
  test("are deleted there beyond the bound, the oldest first, and stay in the task", () => {
    const driver = new CoordinatorDriver({ nodes: ["n1"], listedWorkersMax: 2 });
    const ids = ["a", "b", "c", "d"];
    for (const id of ids) {
      driver.create(id);
      driver.found(["n1"], "", id);
    }
    driver.polled("n1");
    const workers = ids.map(
      (taskId, index) => [BigInt(index), reported("DONE", { taskId })] as const,
    );
    driver.polled("n1", workers);
    expect(driver.calls()).toContain("destroy n1 0");
    expect(driver.calls()).toContain("destroy n1 1");
    driver.called("destroy", "n1", 0n);
    driver.called("destroy", "n1", 1n, "unavailable");
    driver.polled("n1", workers.slice(1));
    expect(driver.calls()).toEqual(["destroy n1 1"]);
    expect(driver.task("a")).toMatchObject({ state: "DONE", status: '"s"' });
  });
});
