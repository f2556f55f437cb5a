// A Kafka cluster of three brokers, each in a network namespace of its own with an agent beside it,
// and a coordinator and an agent in the namespace where clients run: what faults need to be tried
// for real. The data of broker 1 lie on the fault file system.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brokerNamespace, inNamespace } from "../../scripts/kafka-cluster/network-namespaces.ts";
import { realCommands } from "../../src/platform/commands/real-commands.ts";
import { type DaemonProcess, startDaemon } from "./daemon-process.ts";
import { type ClusterData, ownCluster } from "./kafka.ts";
import { ourCommand } from "./trogdor-cluster.ts";

export interface FaultyCluster extends AsyncDisposable {
  readonly kafka: ClusterData;
  readonly bootstrapServers: string;
  readonly clientAddress: string;
  /** Runs trogdor where clients run; answers its output, throws when it fails. */
  trogdor(...args: readonly string[]): Promise<string>;
  /** Runs trogdor beside a broker, as the node of that number; answers all that it said. */
  execAt(brokerId: number, spec: object, ...options: readonly string[]): Promise<Ended>;
  createTask(id: string, spec: object): Promise<void>;
  showTask(id: string): Promise<TaskShown>;
  waitForTask(id: string): Promise<TaskShown>;
  /** Runs a task to its end; answers its final state. */
  runTask(id: string, spec: object): Promise<TaskShown>;
}

export interface Ended {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface TaskShown {
  readonly state: string;
  /** Absent: success. */
  readonly error?: string;
  readonly status: unknown;
  readonly spec: unknown;
}

/** A fault need not hold long to show. */
const quickElections = {
  "controller.quorum.fetch.timeout.ms": "1000",
  "controller.quorum.election.timeout.ms": "500",
  "controller.quorum.request.timeout.ms": "1000",
};
/** A broker that is gone loses its leaderships after this time. */
const quickFencing = {
  "broker.session.timeout.ms": "3000",
  "broker.heartbeat.interval.ms": "500",
};
const agentPort = 8888;
const coordinatorPort = 8889;
const clientAddress = "10.99.0.254";

export async function startFaultyCluster(): Promise<FaultyCluster> {
  const properties = { ...quickElections, ...quickFencing };
  const kafka = await ownCluster({ brokers: 3, netns: true, kibosh: 1, properties });
  const folder = mkdtempSync(join(tmpdir(), "trogdor-faulty-"));
  const daemons: DaemonProcess[] = [];
  const dispose = async () => {
    for (const daemon of daemons.toReversed()) await daemon[Symbol.asyncDispose]();
    await kafka[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  };
  const { name, brokers, bootstrapServers, clientNamespace = "" } = kafka.data;
  const confPath = join(folder, "trogdor.conf");
  writeFileSync(confPath, confText(brokers.map(({ id }) => id)));
  const start = async (namespace: string, role: string, node: string, port: number) => {
    const options = ["-c", confPath, "-n", node, "--insecure"];
    const state = ["--state-dir", join(folder, `${role}-${node}`)];
    const command = inNamespace(namespace, [...ourCommand(), role, ...options, ...state]);
    const connect = inNamespace(namespace, ["bash", "-c", `exec 3<>/dev/tcp/127.0.0.1/${port}`]);
    const isReady = async () => (await realCommands.run(connect)).exitCode === 0;
    daemons.push(await startDaemon({ command, isReady }));
  };
  try {
    await Promise.all([
      ...brokers.map(({ id }) => start(brokerNamespace(name, id), "agent", `node${id}`, agentPort)),
      start(clientNamespace, "agent", "clients", agentPort),
      start(clientNamespace, "coordinator", "clients", coordinatorPort),
    ]);
  } catch (error) {
    await dispose();
    throw error;
  }
  const command = (...args: readonly string[]) =>
    inNamespace(clientNamespace, [...ourCommand(), ...args]);
  const trogdor = async (...args: readonly string[]) => {
    const { exitCode, stdout, stderr } = await run(command(...args));
    if (exitCode !== 0) throw new Error(`trogdor ${args.join(" ")}: ${stdout}${stderr}`);
    return stdout;
  };
  const execAt = async (brokerId: number, spec: object, ...options: readonly string[]) => {
    const place = ["-c", confPath, "-n", `node${brokerId}`, "--state-dir", join(folder, "exec")];
    const line = [...ourCommand(), "exec", JSON.stringify(spec), ...place, ...options];
    return await run(inNamespace(brokerNamespace(name, brokerId), line));
  };
  const createTask = async (id: string, spec: object) => {
    await trogdor("client", "create", JSON.stringify(spec), "--id", id);
  };
  const showTask = async (id: string) =>
    JSON.parse(await trogdor("client", "task", id, "--json")) as TaskShown;
  const waitForTask = async (id: string) => {
    await trogdor("client", "wait", id, "--timeout", "150s").catch(() => {});
    return await showTask(id);
  };
  const runTask = async (id: string, spec: object) => {
    await createTask(id, spec);
    return await waitForTask(id);
  };
  return {
    kafka: kafka.data,
    bootstrapServers: bootstrapServers.PLAINTEXT,
    clientAddress,
    trogdor,
    execAt,
    createTask,
    showTask,
    waitForTask,
    runTask,
    [Symbol.asyncDispose]: dispose,
  };
}

async function run(command: readonly string[]): Promise<Ended> {
  const child = Bun.spawn([...command], { stdio: ["ignore", "pipe", "pipe"] });
  const [stdout, stderr, exitCode] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { exitCode, stdout, stderr };
}

function confText(brokerIds: readonly number[]): string {
  const nodes: Record<string, object> = {
    clients: {
      hostname: clientAddress,
      "trogdor.coordinator.port": coordinatorPort,
      "trogdor.agent.port": agentPort,
    },
  };
  for (const id of brokerIds) {
    nodes[`node${id}`] = { hostname: `10.99.0.${id}`, "trogdor.agent.port": agentPort };
  }
  const platform = "org.apache.kafka.trogdor.basic.BasicPlatform";
  return JSON.stringify({ platform, nodes });
}
