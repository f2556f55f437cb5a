// A coordinator and its agents for tests: the real shells and machines back to back, on a simulated
// clock, with stores in memory that survive a daemon, and calls that can be made to fail.

import type { SpecData } from "../core/spec-data.ts";
import type { Topology, TopologyNode } from "../core/topology.ts";
import { TrogdorError } from "../core/trogdor-error.ts";
import { createSimulatedClock, type SimulatedClock } from "../platform/clock/simulated-clock.ts";
import { type RecordedLog, recordedLog } from "../platform/log/recorded-log.ts";
import { memoryStore } from "../platform/store/memory-store.ts";
import type { Store } from "../platform/store/store.ts";
import type { AgentCalls } from "../rest/agent-calls.ts";
import type { Caller } from "../rest/caller.ts";
import type { TaskFilter } from "../rest/coordinator-service.ts";
import { parseJson } from "../spec/json.ts";
import { specCatalog } from "../tasks/spec-catalog.ts";
import { type AgentDaemon, type AgentSetup, startAgent } from "./agent/agent-daemon.ts";
import type { WorkerOrder } from "./agent/worker-runner.ts";
import {
  type CoordinatorDaemon,
  type CoordinatorSetup,
  startCoordinator,
} from "./coordinator/coordinator-daemon.ts";
import { type FakeRunner, fakeRunner, type Script } from "./fake-runner.suite.ts";

export const startMs = 1_000_000;

export function noOp(from: number | bigint, durationMs: number): SpecData {
  return specCatalog.read(
    parseJson(`{"class":"NoOp","startMs":${from},"durationMs":${durationMs}}`),
  );
}

export const allTasks: TaskFilter = {
  taskIds: new Set(),
  firstStartMs: 0,
  lastStartMs: 0,
  firstEndMs: 0,
  lastEndMs: 0,
  state: undefined,
};

export function ourCaller(coordinatorId = ""): Caller {
  return { isJava: false, coordinatorId, mayRunCommands: async () => false };
}

export function topologyOf(names: readonly string[]): Topology {
  const node = (name: string): TopologyNode => ({
    name,
    hostname: "localhost",
    tags: [],
    settings: new Map([["trogdor.agent.port", "8888"]]),
  });
  return { nodes: new Map(names.map((name) => [name, node(name)])) };
}

export interface SimulatedAgent {
  daemon: AgentDaemon | undefined;
  runner: FakeRunner;
  store: Store;
  /** False: calls are refused, as by a machine that is off. */
  isUp: boolean;
  /** Calls of this name wait for ever. */
  hangs: Set<keyof AgentCalls>;
  /** How many calls of each name came. */
  readonly calls: Map<string, number>;
  /** Added to the clock that the agent tells. */
  clockOffsetMs: number;
}

export interface SimulatedDaemons {
  readonly clock: SimulatedClock;
  readonly log: RecordedLog;
  readonly topology: Topology;
  readonly agents: ReadonlyMap<string, SimulatedAgent>;
  coordinator: CoordinatorDaemon;
  readonly coordinatorStore: Store;
  agent(node: string): SimulatedAgent;
  startAgent(node: string, options?: AgentSetup["options"]): Promise<void>;
  /** Abandons the daemon as a crash does: what it does later reaches nobody. */
  crashAgent(node: string): void;
  restartCoordinator(options?: CoordinatorSetup["options"]): Promise<void>;
  /** Lets time pass until the condition holds, for a minute of simulated time at most. */
  until(condition: () => boolean, what?: string): Promise<void>;
  pass(ms: number): Promise<void>;
  close(): Promise<void>;
}

export interface SimulatedDaemonsOptions {
  readonly nodes?: readonly string[];
  readonly coordinator?: CoordinatorSetup["options"];
  readonly agent?: AgentSetup["options"];
  readonly archive?: CoordinatorSetup["archive"];
  script?(order: WorkerOrder): Script;
}

export async function simulatedDaemons(
  options: SimulatedDaemonsOptions = {},
): Promise<SimulatedDaemons> {
  const clock = createSimulatedClock(startMs);
  const log = recordedLog();
  const topology = topologyOf(options.nodes ?? ["n1"]);
  const agents = new Map<string, SimulatedAgent>();
  const coordinatorStore = memoryStore();
  for (const name of topology.nodes.keys()) {
    const runner = fakeRunner(clock, options.script);
    agents.set(name, newAgent(runner));
  }

  async function start(node: string, agentOptions = options.agent): Promise<void> {
    const agent = agents.get(node)!;
    agent.runner = fakeRunner(clock, options.script);
    const { runner, store } = agent;
    const setup = { store, clock, runner, catalog: specCatalog, node, topology, log };
    agent.daemon = await startAgent({ ...setup, options: agentOptions ?? {} });
    agent.isUp = true;
  }

  function startOurs(coordinatorOptions = options.coordinator): Promise<CoordinatorDaemon> {
    return startCoordinator({
      store: coordinatorStore,
      clock,
      connectAgents: (id) => (node) => callsTo(agents.get(node)!, clock, id),
      catalog: specCatalog,
      topology,
      log,
      ids: { coordinatorId: () => "c1", firstWorkerId: () => 0n },
      options: coordinatorOptions ?? {},
      ...(options.archive === undefined ? {} : { archive: options.archive }),
    });
  }

  for (const node of agents.keys()) await start(node);
  const daemons: SimulatedDaemons = {
    clock,
    log,
    topology,
    agents,
    coordinator: await startOurs(),
    coordinatorStore,
    agent: (node) => agents.get(node)!,
    startAgent: start,
    crashAgent(node) {
      const agent = agents.get(node)!;
      agent.isUp = false;
      agent.daemon = undefined;
    },
    async restartCoordinator(coordinatorOptions) {
      await daemons.coordinator.close();
      daemons.coordinator = await startOurs(coordinatorOptions);
    },
    async until(condition, what = "the condition") {
      const endMs = clock.nowMs() + 120_000;
      while (!condition()) {
        if (clock.nowMs() > endMs) throw new Error(`${what} never held`);
        await clock.sleep(1);
      }
    },
    pass: (ms) => clock.sleep(ms),
    async close() {
      await daemons.coordinator.close();
      for (const agent of agents.values()) await agent.daemon?.close();
    },
  };
  return daemons;
}

function newAgent(runner: FakeRunner): SimulatedAgent {
  return {
    daemon: undefined,
    runner,
    store: memoryStore(),
    isUp: false,
    hangs: new Set(),
    calls: new Map(),
    clockOffsetMs: 0,
  };
}

function callsTo(agent: SimulatedAgent, clock: SimulatedClock, coordinatorId: string): AgentCalls {
  const caller = ourCaller(coordinatorId);
  const reach = async (name: keyof AgentCalls): Promise<AgentDaemon> => {
    agent.calls.set(name, (agent.calls.get(name) ?? 0) + 1);
    if (agent.hangs.has(name)) return await new Promise<never>(() => {});
    if (!agent.isUp) throw new TrogdorError("unavailable", "connection refused");
    return agent.daemon!;
  };
  return {
    async status() {
      const daemon = await reach("status");
      daemon.polled();
      const agentNowMs = clock.nowMs() + agent.clockOffsetMs;
      return { status: daemon.status(), version: "1.2.3", agentNowMs };
    },
    createWorker: async (request) => (await reach("createWorker")).createWorker(request, caller),
    stopWorker: async (id) => (await reach("stopWorker")).stopWorker(id, caller),
    destroyWorker: async (id) => (await reach("destroyWorker")).destroyWorker(id, caller),
    shutdown: async () => (await reach("shutdown")).shutdown(),
  };
}
