// A cluster of daemons on loopback, each of them ours or Java's, with one trogdor.conf for all. The
// nodes `node1`, `node2`, ... hold the agents, and `node1` the coordinator too: a Java coordinator
// polls port 8888 of a node without an agent.

import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { kafkaClassPath } from "../../scripts/kafka-cluster/class-path.ts";
import { type DaemonProcess, freePorts, startDaemon } from "./daemon-process.ts";

export type DaemonKind = "ours" | "java";

export interface TrogdorClusterRequest {
  readonly coordinator: DaemonKind;
  readonly agents: readonly DaemonKind[];
  /** More options for our daemons. */
  readonly coordinatorOptions?: readonly string[];
  readonly agentOptions?: readonly string[];
}

export interface TrogdorCluster extends AsyncDisposable {
  readonly confPath: string;
  readonly stateFolder: string;
  /** host:port */
  readonly coordinatorTarget: string;
  readonly agentTargets: readonly string[];
  readonly coordinator: DaemonProcess;
  readonly agents: readonly DaemonProcess[];
}

const ROOT = resolve(import.meta.dir, "../..");
const EXECUTABLE = join(ROOT, "dist/trogdor");
const JAVA_VERSION = "4.1.0";
const MAIN_CLASSES = {
  agent: "org.apache.kafka.trogdor.agent.Agent",
  coordinator: "org.apache.kafka.trogdor.coordinator.Coordinator",
  client: "org.apache.kafka.trogdor.coordinator.CoordinatorClient",
  "agent-client": "org.apache.kafka.trogdor.agent.AgentClient",
} as const;

/** The executable when it is built, else the sources. */
export function ourCommand(): string[] {
  return existsSync(EXECUTABLE) ? [EXECUTABLE] : [process.execPath, join(ROOT, "src/main.ts")];
}

/** A Java program with the flags that make it start soonest. */
export async function javaTrogdorCommand(main: keyof typeof MAIN_CLASSES): Promise<string[]> {
  const artifacts = [`org.apache.kafka:trogdor:${JAVA_VERSION}`];
  const classPath = await kafkaClassPath(JAVA_VERSION, artifacts);
  const flags = ["-Xmx256M", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto"];
  return ["java", ...flags, "-cp", classPath, MAIN_CLASSES[main]];
}

export async function startTrogdorCluster(request: TrogdorClusterRequest): Promise<TrogdorCluster> {
  const folder = mkdtempSync(join(tmpdir(), "trogdor-cluster-"));
  const [coordinatorPort, ...agentPorts] = await freePorts(1 + request.agents.length);
  const confPath = join(folder, "trogdor.conf");
  const nodes: Record<string, object> = {};
  agentPorts.forEach((port, index) => {
    nodes[`node${index + 1}`] = { hostname: "localhost", "trogdor.agent.port": port };
  });
  const coordinatorEntry = { hostname: "localhost", "trogdor.coordinator.port": coordinatorPort };
  nodes["node1"] = { ...nodes["node1"], ...coordinatorEntry };
  const platform = "org.apache.kafka.trogdor.basic.BasicPlatform";
  writeFileSync(confPath, JSON.stringify({ platform, nodes }, null, 2));
  const daemons: DaemonProcess[] = [];
  const dispose = async () => {
    for (const daemon of daemons.toReversed()) await daemon[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    for (const [index, kind] of request.agents.entries()) {
      const readyUrl = `http://localhost:${agentPorts[index]}/agent/uptime`;
      const command = await agentCommand(kind, confPath, `node${index + 1}`, folder, request);
      daemons.push(await startDaemon({ command, readyUrl }));
    }
    const readyUrl = `http://localhost:${coordinatorPort}/coordinator/uptime`;
    const command = await coordinatorCommand(request.coordinator, confPath, folder, request);
    daemons.push(await startDaemon({ command, readyUrl }));
  } catch (error) {
    await dispose();
    throw error;
  }
  return {
    confPath,
    stateFolder: folder,
    coordinatorTarget: `localhost:${coordinatorPort}`,
    agentTargets: agentPorts.map((port) => `localhost:${port}`),
    coordinator: daemons.at(-1)!,
    agents: daemons.slice(0, -1),
    [Symbol.asyncDispose]: dispose,
  };
}

async function agentCommand(
  kind: DaemonKind,
  confPath: string,
  node: string,
  folder: string,
  request: TrogdorClusterRequest,
): Promise<string[]> {
  const common = ["--agent.config", confPath, "--node-name", node];
  if (kind === "java") return [...(await javaTrogdorCommand("agent")), ...common];
  const stateDir = ["--state-dir", join(folder, node)];
  return [...ourCommand(), "agent", ...common, ...stateDir, ...(request.agentOptions ?? [])];
}

async function coordinatorCommand(
  kind: DaemonKind,
  confPath: string,
  folder: string,
  request: TrogdorClusterRequest,
): Promise<string[]> {
  const common = ["--coordinator.config", confPath, "--node-name", "node1"];
  if (kind === "java") return [...(await javaTrogdorCommand("coordinator")), ...common];
  const stateDir = ["--state-dir", join(folder, "coordinator")];
  const more = request.coordinatorOptions ?? [];
  return [...ourCommand(), "coordinator", ...common, ...stateDir, ...more];
}
