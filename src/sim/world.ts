// What all parts of one simulation share.

import type { PlantedBugs } from "../core/planted-bugs.ts";
import type { Topology, TopologyNode } from "../core/topology.ts";
import type { AgentDaemon } from "../daemons/agent/agent-daemon.ts";
import type { CoordinatorDaemon } from "../daemons/coordinator/coordinator-daemon.ts";
import type { Log } from "../platform/log/log.ts";
import { type SimulatedDiskOptions, simulatedDisk } from "../platform/store/simulated-store.ts";
import type { DisturbanceCounts } from "./disturbances.ts";
import type { History } from "./history.ts";
import type { Host } from "./host.ts";
import type { Network } from "./network.ts";
import type { Scheduler } from "./scheduler.ts";
import type { SeededRandom } from "./seeded-random.ts";
import type { SimulatedKernel } from "./simulated-fault.ts";
import type { SimulatedRunner } from "./simulated-runner.ts";
import type { Trace } from "./trace.ts";

export interface World {
  readonly random: SeededRandom;
  readonly scheduler: Scheduler;
  readonly trace: Trace;
  readonly network: Network;
  readonly counts: DisturbanceCounts;
  readonly history: History;
  readonly plantedBugs: PlantedBugs;
  readonly topology: Topology;
  /** How long agents wait for a sign of the coordinator; 0: for ever. */
  readonly deadManMs: number;
  readonly coordinator: Host<CoordinatorDaemon>;
  readonly agents: readonly AgentHost[];
}

export interface AgentHost extends Host<AgentDaemon> {
  readonly kernel: SimulatedKernel;
  readonly journalDisk: Host<AgentDaemon>["disk"];
  runner: SimulatedRunner | undefined;
}

export type AnyHost = Host<CoordinatorDaemon> | AgentHost;

export const coordinatorName = "coordinator";

/** The longest sync of a disk that works; most take a millisecond. */
const slowestSyncMs = 80;

export interface HostParts {
  readonly random: SeededRandom;
  readonly scheduler: Scheduler;
}

export function newHost<Service>(name: string, parts: HostParts): Host<Service> {
  const host: Host<Service> = {
    name,
    disk: newDisk(name, parts, {
      onWrite: () => host.onWrite(),
      failsNext() {
        const fails = host.nextCommitFails;
        host.nextCommitFails = false;
        return fails;
      },
    }),
    nextCommitFails: false,
    onWrite: () => {},
    clockOffsetMs: 0,
    life: { isOver: true },
    service: undefined,
  };
  return host;
}

export function newAgentHost(name: string, parts: HostParts): AgentHost {
  const host = newHost<AgentDaemon>(name, parts);
  const journalDisk = newDisk(`${name} journal`, parts, { onWrite: () => host.onWrite() });
  return Object.assign(host, {
    kernel: new Map<bigint, boolean>(),
    journalDisk,
    runner: undefined,
  });
}

type DiskEvents = Pick<SimulatedDiskOptions, "onWrite" | "failsNext">;

function newDisk(name: string, { random, scheduler }: HostParts, events: DiskEvents) {
  const own = random.fork(`disk of ${name}`);
  return simulatedDisk({
    random: own.next,
    sleep: (ms) => new Promise((resolve) => scheduler.after(ms, resolve)),
    syncMs: () => (own.chance(0.1) ? own.next() * slowestSyncMs : 0.2 + own.next()),
    ...events,
  });
}

export function topologyOf(names: readonly string[]): Topology {
  const node = (name: string): TopologyNode => ({
    name,
    hostname: name,
    tags: [],
    settings: new Map([["trogdor.agent.port", "8888"]]),
  });
  return { nodes: new Map(names.map((name) => [name, node(name)])) };
}

/** A daemon's log goes into the trace. */
export function logOf(name: string, trace: Trace): Log {
  const at =
    (level: keyof Log): Log["info"] =>
    (event, fields = {}) =>
      trace.note(name, `${level}: ${event} ${JSON.stringify(fields, plainValue)}`);
  return { debug: () => {}, info: at("info"), warn: at("warn"), error: at("error") };
}

function plainValue(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? value.toString() : value;
}
