// A place where a fault can be tried for real: what it may change belongs to the test, and can be
// looked at as text. Each fault's folder has a scene.suite.ts; the contract suite
// (describe-fault.suite.ts) and the kill test (test/e2e/fault-kill.test.ts) run over all of them.

import type { NetworkNamespace } from "../../test/support/network-namespace.ts";
import type { Topology } from "../core/topology.ts";
import { realClock } from "../platform/clock/real-clock.ts";
import { realCommands } from "../platform/commands/real-commands.ts";
import { realFiles } from "../platform/files/real-files.ts";
import { silentLog } from "../platform/log/log.ts";
import { realNames } from "../platform/names/real-names.ts";
import { realProcessTable } from "../platform/process-table/real-process-table.ts";
import type { Processes } from "../platform/processes/processes.ts";
import { realSystemClock } from "../platform/system-clock/real-system-clock.ts";
import type { FaultContext, FaultNode } from "./define-fault.ts";

export interface FaultScene extends AsyncDisposable {
  /** The fault's spec; its class says which fault it is. */
  readonly spec: { readonly class: string } & Readonly<Record<string, unknown>>;
  /** This node's name. */
  readonly node: string;
  /** Node name to address. */
  readonly nodes: Readonly<Record<string, string>>;
  /** Everything runs inside it; absent for a fault that changes no network. */
  readonly namespace?: NetworkNamespace;
  /** All that the fault may change, as text that is equal when nothing is changed. */
  picture(): Promise<string>;
  /** Takes the effect away behind the fault's back. */
  removeEffect(): Promise<void>;
  /** What the fault has changed vanishes as a whole; the scene is not used any more. */
  vanish(): Promise<void>;
  /** Where programs are found, in place of PATH. */
  readonly path?: string;
  /** What stands in for parts of the real node, which must not be changed. */
  readonly stand?: Partial<FaultNode>;
}

export type MakeScene = () => Promise<FaultScene>;

/** What a scene.suite.ts exports; a name says how another scene differs. */
export interface SceneModule {
  readonly makeScene: MakeScene;
  readonly otherScenes?: Readonly<Record<string, MakeScene>>;
}

export function sceneTopology(nodes: Readonly<Record<string, string>>): Topology {
  const entries = Object.entries(nodes).map(([name, hostname]) => {
    const node = { name, hostname, tags: [], settings: new Map() };
    return [name, node] as const;
  });
  return { nodes: new Map(entries) };
}

export function sceneContext(scene: FaultScene, processes?: Processes): FaultContext {
  return {
    taskId: "scene",
    workerId: 4611686018427387902n,
    node: scene.node,
    topology: sceneTopology(scene.nodes),
    clock: realClock,
    log: silentLog,
    commands: scene.namespace?.commands ?? realCommands,
    names: realNames,
    processTable: realProcessTable,
    files: realFiles,
    systemClock: realSystemClock,
    ...scene.stand,
    ...(processes === undefined ? {} : { processes: within(scene, processes) }),
  };
}

/** What a fault starts runs where its commands run. */
function within({ namespace }: FaultScene, processes: Processes): Processes {
  if (namespace === undefined) return processes;
  const enter = ["nsenter", `--net=/run/netns/${namespace.name}`];
  const start: Processes["start"] = (order) =>
    processes.start({ ...order, command: [...enter, ...order.command] });
  return { ...processes, start };
}

const shown = [
  "iptables-save",
  "ip6tables-save",
  "iptables-legacy-save",
  "ip6tables-legacy-save",
  // What iptables sets is in tables of other families.
  "nft list ruleset inet",
  "ls /sys/class/net",
  "tc qdisc show",
];

/** The rules, chains, queues and queueing disciplines of a namespace, without counters. */
export async function networkPicture(namespace: NetworkNamespace): Promise<string> {
  const queues = `ip netns pids ${namespace.name} | while read pid; do
    grep -ao 'trogdor-queue-[0-9][0-9]*' /proc/$pid/cmdline; done`;
  const text = await namespace.run("sh", "-c", `${shown.join("; ")}; ${queues}; true`);
  // Built-in chains appear with the first look at a table.
  const lines = text.split("\n").filter((line) => !/^[#*]|^COMMIT|^:\S+ (ACCEPT|DROP) /.test(line));
  const counters = /\[\d+:\d+\]|(?<=packets )\d+|(?<=bytes )\d+/g;
  return lines.map((line) => line.replace(counters, "")).join("\n");
}
