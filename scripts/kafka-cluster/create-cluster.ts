// Makes a cluster from nothing: ports, certificates, configuration, formatted storage, processes.
// When it does not come up, everything that was started is ended again.

import { randomBytes } from "node:crypto";
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { formatStorage, spawnBroker, writeLoggingFiles } from "./broker-process.ts";
import { ensureTlsFiles } from "./certificates.ts";
import { kafkaClassPath } from "./class-path.ts";
import {
  type BrokerRecord,
  brokerDir,
  type ClusterRecord,
  clusterDir,
  writeRecord,
} from "./cluster-files.ts";
import { mountKibosh, unmountBelow } from "./kibosh-mount.ts";
import { createNamespaces, removeNamespaces } from "./network-namespaces.ts";
import type { ClusterOptions } from "./options.ts";
import { choosePorts } from "./ports.ts";
import { endProcess } from "./process-identity.ts";
import { serverProperties } from "./server-properties.ts";
import { waitUntilReady } from "./wait-until-ready.ts";

export async function createCluster(
  options: ClusterOptions,
  onProgress: (line: string) => void,
): Promise<ClusterRecord> {
  const classPath = await kafkaClassPath(options.version, [], onProgress);
  const tlsFiles = options.tls ? await ensureTlsFiles() : undefined;
  const ports = await choosePorts(options);
  const brokers = ports.map((of, index): BrokerRecord => ({ id: index + 1, ports: of }));
  // What a killed start left must not be emptied through its mount.
  await unmountBelow(clusterDir(options.name));
  rmSync(clusterDir(options.name), { recursive: true, force: true });
  for (const broker of brokers) {
    mkdirSync(brokerDir(options.name, broker.id), { recursive: true });
    const text = serverProperties(options, brokers, broker, tlsFiles);
    writeFileSync(join(brokerDir(options.name, broker.id), "server.properties"), text);
  }
  writeLoggingFiles(options.name);
  const clusterId = randomUuid();
  onProgress(`formatting the storage of cluster "${options.name}"`);
  await formatAll(options, classPath, clusterId);
  if (options.netns) await createNamespaces(options);
  await mountKibosh(options);
  onProgress(`starting ${options.brokers} broker(s) of Kafka ${options.version}`);
  return await startAll({ options, clusterId, brokers }, classPath);
}

async function startAll(record: ClusterRecord, classPath: string): Promise<ClusterRecord> {
  const started: BrokerRecord[] = [];
  try {
    for (const broker of record.brokers) {
      started.push({ ...broker, process: spawnBroker(record.options, classPath, broker.id) });
      const waiting = record.brokers.slice(started.length);
      writeRecord({ ...record, brokers: [...started, ...waiting] });
    }
    const running = { ...record, brokers: started };
    await waitUntilReady(running);
    return running;
  } catch (error) {
    for (const { process } of started) if (process !== undefined) await endProcess(process, 0);
    await unmountBelow(clusterDir(record.options.name));
    if (record.options.netns) await removeNamespaces(record.options.name, record.brokers.length);
    throw error;
  }
}

/**
 * Formats broker 1 with Kafka's tool and copies the result for the others: what differs between
 * them is only the id of the node and of its folder, and each run of the tool costs seconds of CPU.
 */
async function formatAll(
  options: ClusterOptions,
  classPath: string,
  clusterId: string,
): Promise<void> {
  await formatStorage(options, classPath, clusterId, 1);
  const source = join(brokerDir(options.name, 1), "data");
  const meta = readFileSync(join(source, "meta.properties"), "utf8");
  for (let id = 2; id <= options.brokers; id++) {
    const target = join(brokerDir(options.name, id), "data");
    cpSync(source, target, { recursive: true });
    const changed = meta
      .replace(/^node\.id=.*$/m, `node.id=${id}`)
      .replace(/^directory\.id=.*$/m, `directory.id=${randomUuid()}`);
    writeFileSync(join(target, "meta.properties"), changed);
  }
}

/** A Kafka uuid: 16 random bytes in URL-safe base64 that do not begin with a dash. */
function randomUuid(): string {
  const text = randomBytes(16).toString("base64url");
  return text.startsWith("-") ? randomUuid() : text;
}
