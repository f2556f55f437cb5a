// Coordinator and agents together, shells included: what happens to a task from its create to its
// end, whoever is away, silent or restarted meanwhile.

import { describe, expect, test } from "bun:test";
import { parseJson } from "../spec/json.ts";
import { specCatalog } from "../tasks/spec-catalog.ts";
import type { SimulatedDaemons, SimulatedDaemonsOptions } from "./simulated-daemons.suite.ts";
import { allTasks, noOp, simulatedDaemons, startMs } from "./simulated-daemons.suite.ts";

/** Runs a test on daemons that are closed again. */
function withDaemons(
  options: SimulatedDaemonsOptions,
  run: (daemons: SimulatedDaemons) => Promise<void>,
): () => Promise<void> {
  return async () => {
    const daemons = await simulatedDaemons(options);
    await run(daemons);
    await daemons.close();
  };
}

const hour = 3_600_000;
const noOpClass = "org.apache.kafka.trogdor.task.NoOpTaskSpec";
const specText = (from: number, durationMs: number) =>
  `{"class":"${noOpClass}","startMs":${from},"durationMs":${durationMs}}`;

describe("a task on one agent", () => {
  test(
    "runs on its node and ends when its time is over",
    withDaemons({}, async (daemons) => {
      const { coordinator } = daemons;
      await coordinator.createTask("t1", noOp(0, 5000));
      await daemons.until(() => coordinator.task("t1")?.status === '"active"');
      expect(daemons.agent("n1").runner.starts).toEqual(["0 t1"]);
      expect(coordinator.task("t1")).toMatchObject({
        state: "RUNNING",
        spec: { text: specText(startMs, 5000) },
        status: '"active"',
      });
      await daemons.until(() => coordinator.task("t1")?.state === "DONE");
      expect(coordinator.task("t1")).toMatchObject({
        state: "DONE",
        startedMs: startMs,
        error: "",
        cancelled: false,
        status: '"done"',
      });
      expect(daemons.clock.nowMs() - startMs - 5000).toBeLessThan(50);
      expect(daemons.agent("n1").daemon?.status().workers.get(0n)).toMatchObject({
        state: "DONE",
        startedMs: startMs,
        doneMs: startMs + 5000,
        status: '"done"',
      });
      expect(daemons.agent("n1").runner.stops).toEqual([[0n, "expired"]]);
    }),
  );

  test(
    "case 36: is listed as soon as it was created, and filtered by its real times",
    withDaemons({}, async (daemons) => {
      const { coordinator } = daemons;
      const ids = (filter: object) =>
        [...coordinator.tasks({ ...allTasks, ...filter })].map(([id]) => id);
      await coordinator.createTask("foo", noOp(startMs + 2, hour));
      await coordinator.createTask("bar", noOp(startMs + 10 * hour, hour));
      expect(ids({})).toEqual(["bar", "foo"]);
      expect(ids({ taskIds: new Set(["foo", "baz"]) })).toEqual(["foo"]);
      expect(ids({ firstStartMs: 10, firstEndMs: 10 })).toEqual([]);
      await daemons.until(() => coordinator.task("foo")?.state === "RUNNING");
      expect(ids({ firstStartMs: startMs + 1 })).toEqual(["foo"]);
      expect(ids({ firstStartMs: startMs + 3 })).toEqual([]);
      expect(ids({ state: "PENDING" })).toEqual(["bar"]);
      await coordinator.destroyTask("bar");
      expect(ids({})).toEqual(["foo"]);
    }),
  );

  test(
    "that fails to start ends with the cause",
    withDaemons({ script: () => ({ startError: "no such device" }) }, async (daemons) => {
      const { coordinator } = daemons;
      await coordinator.createTask("t1", noOp(0, hour));
      await daemons.until(() => coordinator.task("t1")?.state === "DONE");
      expect(coordinator.task("t1")).toMatchObject({ error: "no such device", status: "null" });
    }),
  );

  test(
    "whose start takes long blocks neither polls nor stops",
    withDaemons({ script: () => ({ startMs: 60_000 }) }, async (daemons) => {
      const { coordinator } = daemons;
      await coordinator.createTask("slow", noOp(0, hour));
      await daemons.until(() => coordinator.task("slow")?.status === '"starting"');
      expect(daemons.clock.nowMs() - startMs).toBeLessThan(2000);
      await coordinator.stopTask("slow");
      await daemons.pass(500);
      const worker = daemons.agent("n1").daemon!.status().workers.get(0n);
      expect(worker?.state).toBe("STOPPING");
    }),
  );

  test(
    "for a node that does not exist ends with an error",
    withDaemons({}, async ({ coordinator, until }) => {
      const text = '{"class":"ProduceBench","producerNode":"zz","durationMs":5}';
      await coordinator.createTask("t", specCatalog.read(parseJson(text)));
      await until(() => coordinator.task("t")?.state === "DONE");
      const error = "Unable to find nodes for task: Unknown node names: zz";
      expect(coordinator.task("t")).toMatchObject({ startedMs: -1, error });
    }),
  );

  test(
    "is refused where its check finds what would keep it from working",
    withDaemons({}, async (daemons) => {
      const { coordinator } = daemons;
      await coordinator.createTask("t1", noOp(0, 0));
      await daemons.until(() => coordinator.task("t1")?.state === "DONE");
      expect(coordinator.task("t1")).toMatchObject({
        error: expect.stringMatching(/^worker expired: durationMs is 0/),
      });
    }),
  );
});

describe("a coordinator", () => {
  test(
    "case 20: tells when it started and what time it is",
    withDaemons({}, async ({ coordinator, pass }) => {
      await pass(39);
      expect([coordinator.serverStartMs, coordinator.nowMs()]).toEqual([startMs, startMs + 39]);
    }),
  );
});

describe("a task on several agents", () => {
  test(
    "is stopped on the others when one fails",
    withDaemons(
      {
        nodes: ["n1", "n2"],
        script: ({ node }) => (node === "n2" ? { haltMs: 2500, haltError: "disk full" } : {}),
      },
      async (daemons) => {
        const { coordinator } = daemons;
        await coordinator.createTask("t", noOp(0, hour));
        await daemons.until(() => coordinator.task("t")?.state === "DONE");
        expect(coordinator.task("t")).toMatchObject({
          error: "disk full (node n2)",
          cancelled: false,
          status: '{"n1":"done","n2":"halted"}',
        });
      },
    ),
  );

  test(
    "is stopped by a person, and destroyed on the agents too",
    withDaemons({ nodes: ["n1", "n2"] }, async (daemons) => {
      const { coordinator } = daemons;
      const sizes = () => [...daemons.agents.values()].map((a) => a.daemon!.status().workers.size);
      await coordinator.createTask("t", noOp(0, hour));
      await daemons.until(() => coordinator.task("t")?.status === '{"n1":"active","n2":"active"}');
      await coordinator.stopTask("t");
      await daemons.until(() => coordinator.task("t")?.state === "DONE");
      expect(coordinator.task("t")).toMatchObject({ cancelled: true, error: "" });
      expect(sizes()).toEqual([1, 1]);
      await coordinator.destroyTask("t");
      expect(coordinator.task("t")).toBeUndefined();
      await daemons.until(() => sizes().every((size) => size === 0));
    }),
  );
});

describe("an agent that is away", () => {
  test(
    "gets its worker when it comes, and what it had lost in a crash is not run again",
    withDaemons({}, async (daemons) => {
      const { coordinator } = daemons;
      daemons.crashAgent("n1");
      await coordinator.createTask("t", noOp(0, hour));
      await daemons.pass(5000);
      expect(coordinator.task("t")).toMatchObject({ state: "RUNNING", status: '"receiving"' });
      await daemons.startAgent("n1");
      await daemons.until(() => coordinator.task("t")?.status === '"active"');
      daemons.crashAgent("n1");
      await daemons.pass(3000);
      await daemons.startAgent("n1");
      await daemons.until(() => coordinator.task("t")?.state === "DONE");
      expect(coordinator.task("t")).toMatchObject({
        error: "the agent restarted while this worker ran",
      });
      expect(daemons.agent("n1").runner.starts).toEqual([]);
      const messages = daemons.log.events.map(({ event }) => event);
      expect(messages.filter((event) => event === "agent did not answer")).toHaveLength(2);
    }),
  );

  test(
    "for good ends the task a minute after its time",
    withDaemons({}, async (daemons) => {
      const { coordinator } = daemons;
      await coordinator.createTask("t", noOp(0, 5000));
      await daemons.until(() => coordinator.task("t")?.status === '"active"');
      daemons.crashAgent("n1");
      await daemons.until(() => coordinator.task("t")?.state === "DONE");
      const tookMs = daemons.clock.nowMs() - startMs;
      expect(Math.round(tookMs / 2000)).toBe(33);
      expect(coordinator.task("t")).toMatchObject({
        error: expect.stringMatching(/^node n1 has not answered for 6\d s; what became of/),
      });
    }),
  );

  test(
    "and never answers a poll holds up no other node",
    withDaemons({ nodes: ["n1", "n2"] }, async (daemons) => {
      const { coordinator } = daemons;
      daemons.agent("n1").hangs.add("status");
      await coordinator.createTask("t", noOp(0, hour));
      await daemons.until(() => daemons.agent("n2").runner.starts.length === 1);
      expect(daemons.clock.nowMs() - startMs).toBeLessThan(100);
      await daemons.pass(35_000);
      expect(daemons.agent("n1").calls.get("status")).toBeGreaterThan(2);
      daemons.agent("n1").hangs.clear();
      await daemons.until(() => daemons.agent("n1").runner.starts.length === 1);
    }),
  );

  test(
    "to a create, and does not say what became of it, is asked again for the same worker",
    withDaemons({}, async (daemons) => {
      const { coordinator } = daemons;
      daemons.agent("n1").hangs.add("createWorker");
      await coordinator.createTask("t", noOp(0, hour));
      await daemons.pass(29_000);
      expect(daemons.agent("n1").calls.get("createWorker")).toBe(1);
      daemons.agent("n1").hangs.clear();
      await daemons.until(() => coordinator.task("t")?.status === '"active"');
      expect(daemons.agent("n1").runner.starts).toEqual(["0 t"]);
    }),
  );
});

describe("a coordinator that restarts", () => {
  test(
    "knows its tasks, and workers that went on are not started twice",
    withDaemons({ nodes: ["n1", "n2"] }, async (daemons) => {
      await daemons.coordinator.createTask("t", noOp(0, 60_000));
      await daemons.coordinator.createTask("later", noOp(startMs + 30_000, 1000));
      await daemons.until(
        () => daemons.coordinator.task("t")?.status === '{"n1":"active","n2":"active"}',
      );
      const { spec } = daemons.coordinator.task("t")!;
      await daemons.restartCoordinator();
      expect(daemons.coordinator.task("t")).toMatchObject({ state: "RUNNING", spec });
      await daemons.until(() => daemons.coordinator.task("later")?.state === "DONE");
      await daemons.until(() => daemons.coordinator.task("t")?.state === "DONE");
      expect(daemons.coordinator.task("t")).toMatchObject({ error: "", cancelled: false });
      expect(daemons.agent("n1").runner.starts).toEqual(["0 t", "2 later"]);
    }),
  );

  test(
    "ends at once although a task is pending, and refuses what comes later",
    withDaemons({}, async (daemons) => {
      const { coordinator } = daemons;
      await coordinator.createTask("later", noOp(startMs + hour, 1000));
      await coordinator.shutdown(false);
      await coordinator.ended;
      expect(daemons.clock.nowMs()).toBe(startMs);
      await expect(coordinator.stopTask("later")).rejects.toThrow("shutting down");
      expect(daemons.agent("n1").daemon?.status().workers.size).toBe(0);
    }),
  );

  test(
    "and was told to stop its agents does so",
    withDaemons({ nodes: ["n1", "n2"] }, async (daemons) => {
      const { coordinator } = daemons;
      await coordinator.createTask("t", noOp(0, hour));
      await daemons.until(() => daemons.agent("n2").runner.starts.length === 1);
      daemons.agent("n1").isUp = false;
      await coordinator.shutdown(true);
      await coordinator.ended;
      await daemons.agent("n2").daemon!.ended;
      expect(daemons.agent("n2").runner.stops).toEqual([[1n, "stopped"]]);
      expect(daemons.agent("n2").runner.isClosed).toBeTrue();
      const told = daemons.log.events.filter(
        ({ event }) => event === "agent was not told to shut down",
      );
      expect(told).toHaveLength(1);
    }),
  );
});

describe("what people see", () => {
  test(
    "names agents whose clock is off, once",
    withDaemons({}, async (daemons) => {
      daemons.agent("n1").clockOffsetMs = 700;
      await daemons.pass(20_000);
      expect(daemons.coordinator.nodes?.()).toMatchObject([
        { node: "n1", clockOffsetMs: 700, isOurs: true, version: "1.2.3", error: "", port: 8888 },
      ]);
      daemons.agent("n1").clockOffsetMs = 0;
      await daemons.pass(20_000);
      const about = daemons.log.events.filter(({ event }) => event.startsWith("agent's clock"));
      expect(about.map(({ level }) => level)).toEqual(["warn", "info"]);
    }),
  );

  test(
    "counts tasks, polls, calls and commits",
    withDaemons({}, async (daemons) => {
      const { coordinator } = daemons;
      await coordinator.createTask("t", noOp(0, 1000));
      await daemons.until(() => coordinator.task("t")?.state === "DONE");
      const metrics = coordinator.metrics();
      expect(metrics).toMatchObject({
        tasks: { PENDING: 0, RUNNING: 0, STOPPING: 0, DONE: 1 },
        workers: 1,
        creates: 1,
        createFailures: 0,
        nodes: 1,
        pollFailures: 0,
      });
      expect(metrics.polls).toBeGreaterThan(2);
      expect(metrics.commits.commits).toBeGreaterThan(2);
      expect(daemons.agent("n1").daemon?.metrics()).toMatchObject({
        workers: { STARTING: 0, RUNNING: 0, STOPPING: 0, DONE: 1 },
        started: 1,
        ended: 1,
        failed: 0,
      });
    }),
  );

  test(
    "stops everything on request",
    withDaemons({}, async (daemons) => {
      const { coordinator } = daemons;
      await coordinator.createTask("a", noOp(0, hour));
      await coordinator.createTask("b", noOp(startMs + hour, hour));
      expect(await coordinator.stopAll?.()).toBe(2);
      await daemons.until(() => coordinator.task("a")?.state === "DONE");
      expect(coordinator.task("b")).toMatchObject({ state: "DONE", cancelled: true });
      expect(await coordinator.stopAll?.()).toBe(0);
    }),
  );
});

describe("finished tasks", () => {
  const lines: string[] = [];
  const archive = {
    async append(added: readonly string[]) {
      lines.push(...added);
    },
  };
  test(
    "leave also when the archive fails, and the log says so",
    withDaemons(
      {
        nodes: ["n1"],
        archive: { append: () => Promise.reject(new Error("disk full")) },
        coordinator: { retainTasks: 0 },
        script: () => ({ haltMs: 5, haltError: "bad" }),
      },
      async ({ coordinator, until, log }) => {
        await coordinator.createTask("t", noOp(0, 1000));
        await until(() => coordinator.task("t") === undefined);
        expect(log.events).toContainEqual({
          level: "error",
          event: "tasks were dropped without archive",
          fields: { taskIds: ["t"], error: "disk full" },
        });
      },
    ),
  );

  test(
    "go to the archive and leave the agents",
    withDaemons({ archive, coordinator: { retainTasks: 0 } }, async (daemons) => {
      const { coordinator } = daemons;
      await coordinator.createTask("t", noOp(0, 1000));
      await daemons.until(() => coordinator.task("t") === undefined);
      await daemons.until(() => daemons.agent("n1").daemon?.status().workers.size === 0);
      expect(lines.map((line) => JSON.parse(line))).toMatchObject([
        { id: "t", state: "DONE", cancelled: false, spec: { durationMs: 1000 }, status: "done" },
      ]);
    }),
  );
});
