// Coordinator and agent as real processes, killed with SIGKILL under load: nothing that was
// acknowledged is lost, no worker is started twice, and a worker that was lost is reported so.

import { describe, expect, test } from "bun:test";
import { seededRandom } from "../../src/sim/seeded-random.ts";
import { eventually } from "../support/daemon-process.ts";
import {
  createNoOp,
  kill,
  type OwnDaemons,
  ownDaemons,
  type ShownWorker,
  stopTask,
  tasksOf,
  workersOf,
} from "../support/own-daemons.ts";

const limitMs = 180_000;
const longMs = 3_600_000;

/** What clients were told; only that counts. */
interface Told {
  readonly created: Set<string>;
  readonly stopped: Set<string>;
}

/** Creates tasks and stops some, four at a time, until the coordinator is gone. */
async function load(daemons: OwnDaemons, told: Told, round: number): Promise<void> {
  const client = async (name: string) => {
    for (let index = 0; ; index += 1) {
      const id = `${round}-${name}-${index}`;
      try {
        await createNoOp(daemons, id, longMs);
        told.created.add(id);
        if (index % 3 !== 0) continue;
        await stopTask(daemons, id);
        told.stopped.add(id);
      } catch {
        return;
      }
    }
  };
  await Promise.all(["a", "b", "c", "d"].map(client));
}

/** Worker ids stand for one start each: it neither moves nor goes to another task. */
function expectSameStarts(seen: Map<string, ShownWorker>, now: Map<string, ShownWorker>): void {
  for (const [id, worker] of now) {
    // A worker that is STARTING does not tell when.
    if (worker.startedMs === undefined) continue;
    const { taskId, startedMs } = worker;
    const before = seen.get(id);
    if (before === undefined) seen.set(id, worker);
    else
      expect({ taskId: before.taskId, startedMs: before.startedMs }).toEqual({ taskId, startedMs });
  }
  const workersOfTask = Map.groupBy(now.values(), ({ taskId }) => taskId);
  const twice = [...workersOfTask].filter(([, workers]) => workers.length > 1);
  expect(twice.map(([taskId]) => taskId)).toEqual([]);
}

describe("a coordinator that is killed", () => {
  test(
    "loses nothing that it acknowledged and starts nothing twice, wherever it is killed",
    async () => {
      await using daemons = await ownDaemons();
      await daemons.start("agent");
      const random = seededRandom(4);
      const told: Told = { created: new Set(), stopped: new Set() };
      const seen = new Map<string, ShownWorker>();
      for (let round = 0; round < 8; round += 1) {
        const coordinator = await daemons.start("coordinator");
        const goal = told.created.size + random.between(1, 60);
        const loading = load(daemons, told, round);
        await eventually(() => told.created.size >= goal, 20_000);
        await kill(coordinator);
        await loading;
        expectSameStarts(seen, await workersOf(daemons));
      }
      await daemons.start("coordinator");
      const tasks = await tasksOf(daemons);
      expect([...told.created].filter((id) => !tasks.has(id))).toEqual([]);
      const settled = await eventually(async () => {
        const now = await tasksOf(daemons);
        return [...told.stopped].every((id) => now.get(id)?.state === "DONE");
      }, 60_000);
      expect(settled).toBe(true);
      expect(told.created.size).toBeGreaterThan(50);
      const runs = await eventually(async () => {
        const workers = await workersOf(daemons);
        expectSameStarts(seen, workers);
        const active = new Set(
          [...workers.values()].filter(({ state }) => state === "RUNNING").map((w) => w.taskId),
        );
        const open = [...(await tasksOf(daemons))].filter(([, task]) => task.state === "RUNNING");
        return open.length === active.size && open.every(([id]) => active.has(id));
      }, 60_000);
      expect(runs).toBe(true);
    },
    limitMs,
  );
});

describe("a coordinator whose disk is full", () => {
  test(
    "ends with one sentence, and has everything that it acknowledged once there is room",
    async () => {
      await using daemons = await ownDaemons();
      const smallFiles = ["sh", "-c", 'trap "" XFSZ; ulimit -f 600; exec "$@"', "sh"];
      const coordinator = await daemons.start("coordinator", smallFiles);
      const told: Told = { created: new Set(), stopped: new Set() };
      await load(daemons, told, 0);
      expect(await coordinator.exited).toBe(1);
      const said = coordinator.output.split("\n").filter((line) => line.startsWith("trogdor:"));
      expect(said).toEqual([
        expect.stringContaining(`state folder ${daemons.stateDir("coordinator")}`),
      ]);
      await daemons.start("coordinator");
      const tasks = await tasksOf(daemons);
      expect(told.created.size).toBeGreaterThan(10);
      expect([...told.created].filter((id) => !tasks.has(id))).toEqual([]);
    },
    limitMs,
  );
});

describe("an agent that is killed", () => {
  test(
    "reports the workers that it lost, and starts none of them again",
    async () => {
      await using daemons = await ownDaemons();
      const coordinator = await daemons.start("coordinator");
      const agent = await daemons.start("agent");
      await createNoOp(daemons, "short", 1);
      await createNoOp(daemons, "long", longMs);
      const isRunning = async () => {
        const states = [...(await workersOf(daemons)).values()].map(({ state }) => state);
        return states.includes("RUNNING") && states.includes("DONE");
      };
      expect(await eventually(isRunning, 60_000)).toBe(true);
      const before = await workersOf(daemons);
      await kill(agent);
      await daemons.start("agent");
      const after = await workersOf(daemons);
      const lost = { state: "DONE", error: "the agent restarted while this worker ran" };
      for (const [id, worker] of before) {
        const { startedMs, taskId } = worker;
        const expected = worker.state === "DONE" ? worker : { ...lost, startedMs, taskId };
        expect(after.get(id)).toMatchObject(expected);
      }
      const isDone = async () => (await tasksOf(daemons)).get("long")?.state === "DONE";
      expect(await eventually(isDone, 60_000)).toBe(true);
      expect((await tasksOf(daemons)).get("long")).toMatchObject(lost);
      await kill(coordinator);
      await daemons.start("coordinator");
      expect((await tasksOf(daemons)).get("long")).toMatchObject(lost);
      expect([...(await workersOf(daemons)).keys()].sort()).toEqual([...before.keys()].sort());
    },
    limitMs,
  );

  test(
    "with the coordinator, at the same moment, comes back with it to one story",
    async () => {
      await using daemons = await ownDaemons();
      const first = [await daemons.start("coordinator"), await daemons.start("agent")];
      for (let index = 0; index < 20; index += 1) await createNoOp(daemons, `${index}`, longMs);
      await Promise.all(first.map(kill));
      await Promise.all([daemons.start("agent"), daemons.start("coordinator")]);
      const agrees = async () => {
        const tasks = await tasksOf(daemons);
        const workers = [...(await workersOf(daemons)).values()];
        return [...tasks].every(([id, task]) => {
          const own = workers.filter(({ taskId }) => taskId === id);
          return own.length === 1 && own[0]?.state === task.state && own[0]?.error === task.error;
        });
      };
      expect(await eventually(agrees, 60_000)).toBe(true);
      expect((await tasksOf(daemons)).size).toBe(20);
    },
    limitMs,
  );
});
