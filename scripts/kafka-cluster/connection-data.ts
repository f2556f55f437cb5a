// What a client needs to know to use a local cluster, in one value: `scripts/kafka start --json`
// prints it and tests get it.

import { ensureTlsFiles, type TlsFiles } from "./certificates.ts";
import {
  type BrokerRecord,
  brokerLogFile,
  type ClusterRecord,
  clusterDir,
  type ListenerName,
} from "./cluster-files.ts";
import { kiboshFolder } from "./kibosh-mount.ts";
import { brokerHost, hubNamespace } from "./network-namespaces.ts";
import type { ClusterOptions } from "./options.ts";
import { isAlive, isPaused } from "./process-identity.ts";
import { CLUSTER_USERS, type ClusterUser, SASL_MECHANISMS } from "./users.ts";

export type ClientListener = Exclude<ListenerName, "CONTROLLER">;

export interface BrokerData {
  readonly id: number;
  readonly state: "running" | "paused" | "stopped";
  readonly pid?: number;
  /** Host and port of each listener. */
  readonly listeners: Readonly<Partial<Record<ClientListener, string>>>;
  readonly logFile: string;
}

export interface ClusterData {
  readonly name: string;
  readonly version: string;
  readonly clusterId: string;
  /** For each listener, all brokers, as `bootstrap.servers` takes them. */
  readonly bootstrapServers: Readonly<{ PLAINTEXT: string }> &
    Readonly<Partial<Record<ClientListener, string>>>;
  readonly brokers: readonly BrokerData[];
  /** Empty without SASL. */
  readonly users: readonly ClusterUser[];
  readonly saslMechanisms: readonly string[];
  /** Absent without TLS. */
  readonly tls?: TlsFiles;
  /** With --netns: the network namespace in which clients run. */
  readonly clientNamespace?: string;
  readonly dataDir: string;
  /** With --kibosh: the mount of the fault file system. */
  readonly kiboshMount?: string;
}

export async function connectionData(record: ClusterRecord): Promise<ClusterData> {
  const { options } = record;
  const brokers = record.brokers.map((broker) => brokerData(options, broker));
  const serversOf = (listener: ClientListener) =>
    brokers.map((broker) => broker.listeners[listener]).join(",");
  const kiboshMount = kiboshFolder(options);
  const listeners = Object.keys(brokers[0]?.listeners ?? {}) as ClientListener[];
  return {
    name: options.name,
    version: options.version,
    clusterId: record.clusterId,
    bootstrapServers: {
      PLAINTEXT: serversOf("PLAINTEXT"),
      ...Object.fromEntries(listeners.map((listener) => [listener, serversOf(listener)])),
    },
    brokers,
    users: options.sasl ? CLUSTER_USERS : [],
    saslMechanisms: options.sasl ? SASL_MECHANISMS : [],
    ...(options.tls ? { tls: await ensureTlsFiles() } : {}),
    ...(options.netns ? { clientNamespace: hubNamespace(options.name) } : {}),
    dataDir: clusterDir(options.name),
    ...(kiboshMount === undefined ? {} : { kiboshMount }),
  };
}

export function isClusterRunning(data: ClusterData): boolean {
  return data.brokers.some((broker) => broker.state !== "stopped");
}

function brokerData(options: ClusterOptions, broker: BrokerRecord): BrokerData {
  const { name } = options;
  const host = options.netns ? brokerHost(options, broker.id) : "localhost";
  const listeners: Partial<Record<ClientListener, string>> = {};
  for (const [listener, port] of Object.entries(broker.ports)) {
    if (listener !== "CONTROLLER") listeners[listener as ClientListener] = `${host}:${port}`;
  }
  const logFile = brokerLogFile(name, broker.id);
  const { process } = broker;
  if (process === undefined || !isAlive(process)) {
    return { id: broker.id, state: "stopped", listeners, logFile };
  }
  const state = isPaused(process) ? "paused" : "running";
  return { id: broker.id, state, pid: process.pid, listeners, logFile };
}
