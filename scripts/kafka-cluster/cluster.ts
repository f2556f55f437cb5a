// Local Kafka clusters as functions: scripts/kafka is a command line over them, tests and benches
// call them directly. A cluster is real Kafka (KRaft) in JVMs of its own, which outlive the caller
// until `stopCluster`; every process is remembered with its start time and only that one is ever
// signalled.

import { mkdirSync, rmSync } from "node:fs";
import { spawnBroker } from "./broker-process.ts";
import { kafkaClassPath } from "./class-path.ts";
import {
  type BrokerRecord,
  type ClusterRecord,
  clusterDir,
  clusterNames,
  readRecord,
  writeRecord,
} from "./cluster-files.ts";
import { withClusterLock } from "./cluster-lock.ts";
import { type ClusterData, connectionData } from "./connection-data.ts";
import { createCluster } from "./create-cluster.ts";
import { unmountBelow } from "./kibosh-mount.ts";
import { removeNamespaces } from "./network-namespaces.ts";
import {
  type ClusterRequest,
  DEFAULT_NAME,
  describeDifferences,
  isClusterName,
  resolveOptions,
} from "./options.ts";
import { endProcess, isAlive, isPaused, signalProcess } from "./process-identity.ts";
import { waitUntilReady } from "./wait-until-ready.ts";

/**
 * The next start throws the data away, so an orderly end of the whole is worth only a short wait.
 */
const CLUSTER_STOP_GRACE_MS = 5_000;
/** One broker of several hands its partitions over first. */
const BROKER_STOP_GRACE_MS = 30_000;

type Progress = (line: string) => void;
const silent: Progress = () => {};

export interface StartResult {
  readonly wasRunning: boolean;
  readonly data: ClusterData;
}

/**
 * Starts an empty cluster and waits until every broker sees all of them. One that runs already
 * stays as it is (brokers that are down are started again), unless it differs from what is asked
 * for.
 */
export async function startCluster(
  request: ClusterRequest = {},
  onProgress: Progress = silent,
): Promise<StartResult> {
  const wanted = resolveOptions(request);
  mkdirSync(clusterDir(wanted.name), { recursive: true });
  return await withClusterLock(wanted.name, async () => {
    const old = readRecord(wanted.name);
    if (old === undefined || !old.brokers.some(isBrokerAlive)) {
      const record = await createCluster(wanted, onProgress);
      return { wasRunning: false, data: await connectionData(record) };
    }
    const differences = describeDifferences(old.options, wanted);
    const port = old.brokers[0]?.ports.PLAINTEXT;
    if (wanted.port !== "auto" && wanted.port !== port) {
      differences.push(`port is ${port}, asked for ${wanted.port}`);
    }
    if (differences.length > 0) {
      throw new Error(
        `cluster "${wanted.name}" runs already, and ${differences.join("; ")}: ` +
          "stop it first, or choose another --name",
      );
    }
    let record = old;
    for (const broker of old.brokers) record = await ensureBrokerStarted(record, broker.id);
    await waitUntilReady(record);
    return { wasRunning: true, data: await connectionData(record) };
  });
}

/**
 * Ends every broker. With `isDataDeleted` its folder goes too, and nobody waits for an orderly end.
 * False when nothing was running.
 */
export async function stopCluster(name = DEFAULT_NAME, isDataDeleted = false): Promise<boolean> {
  requireName(name);
  return await withClusterLock(name, async () => {
    const record = readRecord(name);
    const running = (record?.brokers ?? []).filter(isBrokerAlive);
    const graceMs = isDataDeleted ? 0 : CLUSTER_STOP_GRACE_MS;
    await Promise.all(running.map((broker) => endBroker(broker, graceMs)));
    await unmountBelow(clusterDir(name));
    if (record?.options.netns === true) await removeNamespaces(name, record.brokers.length);
    if (isDataDeleted) rmSync(clusterDir(name), { recursive: true, force: true });
    else if (record !== undefined) writeRecord({ ...record, brokers: record.brokers.map(forget) });
    return running.length > 0;
  });
}

/** The cluster as it is now, or undefined when there has never been one of this name. */
export async function clusterStatus(name = DEFAULT_NAME): Promise<ClusterData | undefined> {
  requireName(name);
  const record = readRecord(name);
  return record === undefined ? undefined : await connectionData(record);
}

/** Every cluster that has a folder, running or not. */
export async function allClusters(): Promise<ClusterData[]> {
  const all = await Promise.all(clusterNames().map((name) => clusterStatus(name)));
  return all.filter((data) => data !== undefined);
}

/** Starts a broker that was stopped or killed, with its data, and waits until all see it. */
export async function startBroker(name: string, brokerId: number): Promise<ClusterData> {
  return await withRecord(name, brokerId, async (record) => {
    const started = await ensureBrokerStarted(record, brokerId);
    await waitUntilReady(started);
    return started;
  });
}

/** An orderly stop (SIGTERM): leadership moves away first. */
export async function stopBroker(name: string, brokerId: number): Promise<ClusterData> {
  return await endOneBroker(name, brokerId, BROKER_STOP_GRACE_MS);
}

/** A crash (SIGKILL). */
export async function killBroker(name: string, brokerId: number): Promise<ClusterData> {
  return await endOneBroker(name, brokerId, 0);
}

/** An orderly stop and a start. */
export async function restartBroker(name: string, brokerId: number): Promise<ClusterData> {
  await stopBroker(name, brokerId);
  return await startBroker(name, brokerId);
}

/** Freezes a broker (SIGSTOP): its connections stay open and nothing answers. */
export async function pauseBroker(name: string, brokerId: number): Promise<ClusterData> {
  return await signalBroker(name, brokerId, "SIGSTOP");
}

export async function resumeBroker(name: string, brokerId: number): Promise<ClusterData> {
  return await signalBroker(name, brokerId, "SIGCONT");
}

async function endOneBroker(name: string, brokerId: number, graceMs: number): Promise<ClusterData> {
  return await withRecord(name, brokerId, async (record) => {
    await endBroker(brokerOf(record, brokerId), graceMs);
    const changed = replaceBroker(record, forget(brokerOf(record, brokerId)));
    writeRecord(changed);
    return changed;
  });
}

async function signalBroker(
  name: string,
  brokerId: number,
  signal: "SIGSTOP" | "SIGCONT",
): Promise<ClusterData> {
  return await withRecord(name, brokerId, async (record) => {
    const { process } = brokerOf(record, brokerId);
    if (process === undefined || !signalProcess(process, signal)) {
      throw new Error(`broker ${brokerId} of cluster "${name}" is not running`);
    }
    while (isAlive(process) && isPaused(process) !== (signal === "SIGSTOP")) await Bun.sleep(5);
    return record;
  });
}

async function ensureBrokerStarted(
  record: ClusterRecord,
  brokerId: number,
): Promise<ClusterRecord> {
  const broker = brokerOf(record, brokerId);
  if (isBrokerAlive(broker)) return record;
  const classPath = await kafkaClassPath(record.options.version);
  const process = spawnBroker(record.options, classPath, brokerId);
  const changed = replaceBroker(record, { ...broker, process });
  writeRecord(changed);
  return changed;
}

async function withRecord(
  name: string,
  brokerId: number,
  work: (record: ClusterRecord) => Promise<ClusterRecord>,
): Promise<ClusterData> {
  requireName(name);
  return await withClusterLock(name, async () => {
    const record = readRecord(name);
    if (record === undefined) throw new Error(`there is no cluster "${name}": start it first`);
    brokerOf(record, brokerId);
    return await connectionData(await work(record));
  });
}

function brokerOf(record: ClusterRecord, brokerId: number): BrokerRecord {
  const broker = record.brokers.find((one) => one.id === brokerId);
  if (broker !== undefined) return broker;
  const ids = record.brokers.map((one) => one.id).join(", ");
  throw new Error(`cluster "${record.options.name}" has no broker ${brokerId}, only ${ids}`);
}

function replaceBroker(record: ClusterRecord, changed: BrokerRecord): ClusterRecord {
  const brokers = record.brokers.map((broker) => (broker.id === changed.id ? changed : broker));
  return { ...record, brokers };
}

function forget({ id, ports }: BrokerRecord): BrokerRecord {
  return { id, ports };
}

function isBrokerAlive(broker: BrokerRecord): boolean {
  return broker.process !== undefined && isAlive(broker.process);
}

async function endBroker(broker: BrokerRecord, graceMs: number): Promise<void> {
  if (broker.process !== undefined) await endProcess(broker.process, graceMs);
}

function requireName(name: string): void {
  if (!isClusterName(name)) {
    throw new Error(`name "${name}": expected letters, digits, "-" and "_", at most 64`);
  }
}
