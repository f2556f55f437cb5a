// The reference's cases for an agent: what its own tests require, by their numbers in its suites'
// order (agent started, expired, running, created twice, conflicts, time over, stopped, halted,
// destroyed).

import { describe, expect, test } from "bun:test";
import { noOpSpec, SteppedCluster, type SteppedClusterOptions } from "./stepped-cluster.suite.ts";

function agentAt(nowMs: number, options: SteppedClusterOptions = {}) {
  const cluster = new SteppedCluster(options);
  cluster.nowMs = nowMs;
  const agent = cluster.agent();
  const at = (ms: number) => {
    cluster.nowMs = ms;
    agent.tick();
  };
  return { agent, at, worker: (id: bigint) => agent.workers().get(id) };
}

const conflict = (differs: string) => ({
  code: "conflict" as const,
  message: `There is already a worker ID 1 with a different task ${differs}.`,
});

describe("an agent", () => {
  test("case 2: has no workers when it is fresh", () => {
    expect(agentAt(0).agent.workers()).toEqual(new Map());
  });

  test("case 4: ends a worker that is over when it comes, without starting it", () => {
    const { agent, worker } = agentAt(100);
    expect(agent.create(0n, "foo", noOpSpec(10, 10))).toBeUndefined();
    expect(worker(0n)).toMatchObject({ state: "DONE", status: "null", error: "worker expired" });
  });

  test("case 5: runs a worker whose start is still to come at once", () => {
    const { agent, worker } = agentAt(0);
    agent.create(0n, "foo", noOpSpec(1000, 600_000));
    expect(worker(0n)).toMatchObject({ state: "RUNNING", startedMs: 0, status: '"active"' });
  });

  test("case 6: takes the same worker twice as one", () => {
    const { agent } = agentAt(0);
    expect(agent.create(1n, "bar", noOpSpec(2000, 900_000))).toBeUndefined();
    expect(agent.create(1n, "bar", noOpSpec(2000, 900_000))).toBeUndefined();
    expect([...agent.workers().keys()]).toEqual([1n]);
  });

  test.each([
    ["case 7", "foo", noOpSpec(2000, 900_000), "ID"],
    ["case 8", "bar", noOpSpec(1000, 600_000), "spec"],
  ])(
    "%s: refuses a used id with other content, and changes nothing",
    (_case, taskId, spec, what) => {
      const { agent, worker } = agentAt(0);
      agent.create(1n, "bar", noOpSpec(2000, 900_000));
      const before = worker(1n);
      expect(agent.create(1n, taskId, spec)).toEqual(conflict(what));
      expect(worker(1n)).toEqual(before!);
    },
  );

  test("case 9: runs three workers side by side", () => {
    const { agent } = agentAt(0);
    for (const id of [0n, 1n, 2n]) agent.create(id, `t${id}`, noOpSpec(0, 600_000));
    const states = [...agent.workers().values()].map(({ state }) => state);
    expect(states).toEqual(["RUNNING", "RUNNING", "RUNNING"]);
  });

  test("cases 10 and 11: ends one worker at its time, another when it is stopped", () => {
    const { agent, at, worker } = agentAt(2000);
    agent.create(0n, "foo", noOpSpec(2000, 2));
    at(2001);
    agent.create(1n, "bar", noOpSpec(2000, 900_000));
    at(2002);
    const foo = { state: "DONE", startedMs: 2000, doneMs: 2002, status: '"done"', error: "" };
    expect(worker(0n)).toMatchObject(foo);
    at(2007);
    expect(agent.stop(1n)).toBeUndefined();
    const bar = { state: "DONE", startedMs: 2001, doneMs: 2007, status: '"done"', error: "" };
    expect([...agent.workers()]).toMatchObject([
      [0n, foo],
      [1n, bar],
    ]);
  });

  test.each([
    ["case 12", 1, ""],
    ["case 13", 2, "baz"],
  ])("%s: takes the end of a worker that halts by itself", (_case, afterMs, error) => {
    const { agent, at, worker } = agentAt(0, { halts: () => ({ afterMs, error }) });
    agent.create(0n, "foo", noOpSpec(0, 600_000));
    at(afterMs);
    expect(worker(0n)).toMatchObject({ state: "DONE", doneMs: afterMs, status: '"halted"', error });
  });

  test("case 15: destroys a running worker, again, and one that it does not know", () => {
    const { agent } = agentAt(0);
    agent.create(0n, "foo", noOpSpec(0, 600_000));
    expect([agent.destroy(0n), agent.destroy(0n), agent.destroy(1n)]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(agent.workers().size).toBe(0);
  });

  test("case 16: takes a destroyed id again for other content", () => {
    const { agent, worker } = agentAt(0);
    agent.create(0n, "foo", noOpSpec(0, 600_000));
    agent.destroy(0n);
    expect(agent.create(0n, "bar", noOpSpec(0, 100))).toBeUndefined();
    expect(worker(0n)).toMatchObject({ taskId: "bar", state: "RUNNING" });
  });

  test("case 17: forgets a finished worker that is destroyed", () => {
    const { agent, at } = agentAt(0);
    agent.create(0n, "foo", noOpSpec(0, 5));
    at(5);
    agent.destroy(0n);
    expect(agent.workers().size).toBe(0);
  });
});
