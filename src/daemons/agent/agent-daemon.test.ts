// The agent's shell by itself: requests, answers in time, commands, crashes of its store.

import { describe, expect, test } from "bun:test";
import type { SpecData } from "../../core/spec-data.ts";
import { TrogdorError } from "../../core/trogdor-error.ts";
import { createSimulatedClock } from "../../platform/clock/simulated-clock.ts";
import { silentLog } from "../../platform/log/log.ts";
import { memoryStore } from "../../platform/store/memory-store.ts";
import type { Store } from "../../platform/store/store.ts";
import { specCatalog, type TaskCatalog } from "../../tasks/spec-catalog.ts";
import { fakeRunner, type Script } from "../fake-runner.suite.ts";
import { noOp, ourCaller, startMs, topologyOf } from "../simulated-daemons.suite.ts";
import { startAgent } from "./agent-daemon.ts";

interface Options {
  readonly store?: Store;
  readonly catalog?: TaskCatalog;
  readonly deadManMs?: number;
  readonly script?: () => Script;
}

async function agentWith({ store = memoryStore(), catalog = specCatalog, ...more }: Options = {}) {
  const clock = createSimulatedClock(startMs);
  const runner = fakeRunner(clock, more.script);
  const topology = topologyOf(["n1"]);
  const setup = { store, clock, runner, catalog, node: "n1", topology, log: silentLog };
  const daemon = await startAgent({ ...setup, options: { deadManMs: more.deadManMs ?? 0 } });
  const caller = ourCaller();
  const create = (workerId: bigint, spec: SpecData = noOp(0n, Number(startMs) * 2), taskId = "t") =>
    daemon.createWorker({ workerId, taskId, spec }, caller);
  const worker = (id = 1n) => daemon.status().workers.get(id);
  return { clock, runner, daemon, caller, create, worker, store };
}

describe("an agent", () => {
  test("case 3: tells when it started and what time it is", async () => {
    const { daemon, clock } = await agentWith();
    await clock.sleep(39);
    expect([daemon.serverStartMs, daemon.nowMs()]).toEqual([startMs, startMs + 39]);
    expect(daemon.status()).toEqual({ serverStartMs: startMs, workers: new Map() });
  });

  test("case 1: ends when it is told to, its workers first", async () => {
    const { daemon, create, runner, clock } = await agentWith({ script: () => ({ stopMs: 4000 }) });
    await create(1n);
    await daemon.shutdown();
    await daemon.ending;
    expect(runner.isClosed).toBeFalse();
    await daemon.ended;
    expect([clock.nowMs() - startMs, runner.isClosed]).toEqual([4000, true]);
    await expect(create(2n)).rejects.toThrow("WorkerManager is shut down.");
  });

  test("answers a create when its worker has started, 5 s later at the latest", async () => {
    const { create, clock, worker } = await agentWith({ script: () => ({ startMs: 7000 }) });
    await create(1n);
    expect([clock.nowMs() - startMs, worker()?.state]).toEqual([5000, "STARTING"]);
    await create(1n);
    expect([clock.nowMs() - startMs, worker()?.state]).toEqual([7000, "RUNNING"]);
  });

  test("starts one worker for many creates at the same time", async () => {
    const { create, runner } = await agentWith({ script: () => ({ startMs: 100 }) });
    await Promise.all(Array.from({ length: 8 }, () => create(1n)));
    expect(runner.starts).toEqual(["1 t"]);
  });

  test("lists workers sorted by id, and keeps a status under its reader's hands", async () => {
    const { create, daemon } = await agentWith();
    const big = 4_611_686_018_427_387_000n;
    for (const id of [big, 2n, -1n, 10n]) await create(id);
    const before = daemon.status().workers;
    await daemon.destroyWorker(2n, ourCaller());
    expect([...before.keys()]).toEqual([-1n, 2n, 10n, big]);
    expect(await daemon.stopAll(ourCaller())).toBeGreaterThan(2);
  });

  test("passes a conflict on", async () => {
    const { create } = await agentWith();
    await create(1n);
    const other = create(1n, undefined, "other");
    await expect(other).rejects.toMatchObject({ code: "conflict" });
  });

  test("runs commands only for callers that may", async () => {
    const catalog = { ...specCatalog, runsCommand: () => true };
    const { daemon, create, runner } = await agentWith({ catalog });
    await expect(create(1n)).rejects.toMatchObject({ code: "refused" });
    const trusted = { ...ourCaller(), mayRunCommands: async () => true };
    await daemon.createWorker({ workerId: 1n, taskId: "t", spec: noOp(0, 2e6) }, trusted);
    expect(runner.starts).toEqual(["1 t"]);
  });

  test("does not start what its task type finds wrong", async () => {
    const problems = [
      { path: "a.b", message: "Must specify a thing" },
      { path: "", message: "is odd" },
    ];
    const { create, worker, runner } = await agentWith({
      catalog: { ...specCatalog, problems: async () => problems },
    });
    await create(1n);
    expect(worker()).toMatchObject({ state: "DONE", error: "Must specify a thing (a.b); is odd" });
    expect(runner.starts).toEqual([]);
  });

  test("does not start what was stopped meanwhile, nor after a broken check", async () => {
    const checked = Promise.withResolvers<readonly []>();
    const { create, worker, runner, daemon, clock } = await agentWith({
      catalog: { ...specCatalog, problems: () => checked.promise },
    });
    const created = create(1n);
    await clock.sleep(1);
    await daemon.stopWorker(1n, ourCaller());
    await created;
    checked.resolve([]);
    await clock.sleep(1);
    expect([worker(), runner.starts]).toMatchObject([{ state: "DONE", error: "" }, []]);
    const broken = await agentWith({
      catalog: { ...specCatalog, problems: () => Promise.reject(new Error("no")) },
    });
    await broken.create(1n);
    expect(broken.worker()).toMatchObject({ state: "DONE", error: "no" });
  });

  test("stops its workers when no coordinator is heard", async () => {
    const { create, daemon, clock, worker } = await agentWith({ deadManMs: 10_000 });
    await create(1n);
    await clock.sleep(5000);
    daemon.polled();
    await clock.sleep(9000);
    expect(worker()?.state).toBe("RUNNING");
    await clock.sleep(1001);
    const error = "the coordinator was silent for 10 s";
    expect(worker()).toMatchObject({ state: "DONE", status: '"done"', error });
  });

  test("shows nothing and answers nothing before it is on disk", async () => {
    const disk = Promise.withResolvers<void>();
    const store: Store = { ...memoryStore(), commit: () => disk.promise };
    const { create, daemon, clock, runner } = await agentWith({ store });
    let isAnswered = false;
    const created = create(1n).then(() => {
      isAnswered = true;
    });
    await clock.sleep(60_000);
    const { workers } = daemon.status();
    expect([isAnswered, workers.size, runner.starts]).toEqual([false, 0, []]);
    disk.resolve();
    await created;
    expect(runner.starts).toEqual(["1 t"]);
  });

  test("ends when its store fails, and starts nothing", async () => {
    const failure = new TrogdorError("unavailable", "disk full");
    const store: Store = { ...memoryStore(), commit: () => Promise.reject(failure) };
    const { create, daemon, runner } = await agentWith({ store });
    await expect(create(1n)).rejects.toThrow("WorkerManager is shut down.");
    await expect(daemon.ended).rejects.toThrow("disk full");
    expect([runner.starts, runner.isClosed]).toEqual([[], true]);
  });
});
