// A cluster of daemons on loopback, each of them ours or Java's, with one trogdor.conf for all. The
// nodes `node1`, `node2`, ... hold the agents, and `node1` the coordinator too: a Java coordinator
// polls port 8888 of a node without an agent.

import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { kafkaClassPath } from "../../scripts/kafka-cluster/class-path.ts";
import { type DaemonProcess, freePorts, serves, startDaemon } from "./daemon-process.ts";
import type { NetworkNamespace } from "./network-namespace.ts";

export type DaemonKind = "ours" | "java";

export interface TrogdorClusterRequest {
  readonly coordinator: DaemonKind;
  readonly agents: readonly DaemonKind[];
  /** More options for our daemons. */
  readonly coordinatorOptions?: readonly string[];
  readonly agentOptions?: readonly string[];
  /**
   * What the agents take for the addresses of the agents' nodes: a partition then cuts those, not
   * the loopback by which the daemons really talk.
   */
  readonly addresses?: readonly string[];
  /** Everything runs inside it, so that faults change nothing of this machine. */
  readonly namespace?: NetworkNamespace;
}

export interface ClientRun {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface TrogdorCluster extends AsyncDisposable {
  readonly confPath: string;
  readonly stateFolder: string;
  /** host:port */
  readonly coordinatorTarget: string;
  readonly agentTargets: readonly string[];
  readonly coordinator: DaemonProcess;
  readonly agents: readonly DaemonProcess[];
  /** Runs the command line client of ours or Java's against the coordinator. */
  client(kind: DaemonKind, ...args: readonly string[]): Promise<ClientRun>;
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
  const ports = await freePorts(1 + request.agents.length);
  const [coordinatorPort, ...agentPorts] = ports as [number, ...number[]];
  const localhost = agentPorts.map(() => "localhost");
  const confPath = join(folder, "trogdor.conf");
  writeFileSync(confPath, confText(coordinatorPort, agentPorts, localhost));
  const agentConfPath = join(folder, "agents.conf");
  const addresses = request.addresses ?? localhost;
  writeFileSync(agentConfPath, confText(coordinatorPort, agentPorts, addresses));
  const inside = request.namespace === undefined ? [] : enter(request.namespace);
  const daemons: DaemonProcess[] = [];
  const dispose = async () => {
    await Promise.all(daemons.map((daemon) => daemon[Symbol.asyncDispose]()));
    rmSync(folder, { recursive: true, force: true });
  };
  const start = async (role: "agent" | "coordinator", kind: DaemonKind, port: number) => {
    const command =
      role === "agent"
        ? await agentCommand(kind, agentConfPath, nodeNameOf(agentPorts, port), folder, request)
        : await coordinatorCommand(kind, confPath, folder, request);
    // Java's daemons may hang when they are asked to end, and have nothing to tidy up.
    const endSignal = kind === "java" ? "SIGKILL" : "SIGTERM";
    const isReady = readiness(request, port, role);
    return await startDaemon({ command: [...inside, ...command], isReady, endSignal });
  };
  const starts = await Promise.allSettled([
    ...request.agents.map((kind, index) => start("agent", kind, agentPorts[index]!)),
    start("coordinator", request.coordinator, coordinatorPort),
  ]);
  for (const one of starts) if (one.status === "fulfilled") daemons.push(one.value);
  const failed = starts.find((one) => one.status === "rejected");
  if (failed !== undefined) {
    await dispose();
    throw failed.reason;
  }
  const coordinatorTarget = `localhost:${coordinatorPort}`;
  return {
    confPath,
    stateFolder: folder,
    coordinatorTarget,
    agentTargets: agentPorts.map((port) => `localhost:${port}`),
    coordinator: daemons.at(-1)!,
    agents: daemons.slice(0, -1),
    async client(kind, ...args) {
      const program =
        kind === "ours" ? [...ourCommand(), "client"] : await javaTrogdorCommand("client");
      return await runClient([...inside, ...program, ...args, "--target", coordinatorTarget]);
    },
    [Symbol.asyncDispose]: dispose,
  };
}

function nodeNameOf(agentPorts: readonly number[], port: number): string {
  return `node${agentPorts.indexOf(port) + 1}`;
}

function confText(
  coordinatorPort: number,
  agentPorts: readonly number[],
  hostnames: readonly string[],
): string {
  const nodes: Record<string, object> = {};
  agentPorts.forEach((port, index) => {
    nodes[`node${index + 1}`] = { hostname: hostnames[index], "trogdor.agent.port": port };
  });
  nodes["node1"] = { ...nodes["node1"], "trogdor.coordinator.port": coordinatorPort };
  const platform = "org.apache.kafka.trogdor.basic.BasicPlatform";
  return JSON.stringify({ platform, nodes }, null, 2);
}

function enter({ name }: NetworkNamespace): string[] {
  return ["nsenter", `--net=/run/netns/${name}`];
}

/** Inside a namespace only a connection is tried: this process stands outside. */
function readiness(
  { namespace }: TrogdorClusterRequest,
  port: number,
  role: "agent" | "coordinator",
): () => Promise<boolean> {
  if (namespace === undefined) return () => serves(`http://localhost:${port}/${role}/uptime`);
  const connect = ["bash", "-c", `exec 3<>/dev/tcp/localhost/${port}`];
  return async () => (await namespace.commands.run(connect)).exitCode === 0;
}

const clientWithinMs = 120_000;

async function runClient(command: readonly string[]): Promise<ClientRun> {
  const child = Bun.spawn([...command], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
    timeout: clientWithinMs,
    killSignal: "SIGKILL",
  });
  const [stdout, stderr, exitCode] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { exitCode, stdout, stderr };
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
