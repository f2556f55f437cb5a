// Where a local cluster keeps its things (.kafka/ in the repository, which git ignores), and the
// file that remembers which processes belong to it.

import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import { join, resolve } from "node:path";
import type { ClusterOptions } from "./options.ts";
import type { ProcessIdentity } from "./process-identity.ts";

export const REPOSITORY_DIR = resolve(import.meta.dir, "../..");
/** TROGDOR_KAFKA_DIR puts the data elsewhere, on a faster or larger disk. */
export const KAFKA_DIR = resolve(
  process.env["TROGDOR_KAFKA_DIR"] ?? join(REPOSITORY_DIR, ".kafka"),
);

/** A folder for each cluster. */
export const clustersDir = join(KAFKA_DIR, "clusters");

const STATE_FILE = "cluster.json";

export type ListenerName = "PLAINTEXT" | "SASL_PLAINTEXT" | "SSL" | "SASL_SSL" | "CONTROLLER";

export interface BrokerRecord {
  readonly id: number;
  readonly ports: Readonly<Partial<Record<ListenerName, number>>>;
  /** Absent when it was stopped on purpose. */
  readonly process?: ProcessIdentity;
}

export interface ClusterRecord {
  readonly options: ClusterOptions;
  readonly clusterId: string;
  readonly brokers: readonly BrokerRecord[];
}

export function clusterDir(name: string): string {
  return join(clustersDir, name);
}

export function brokerDir(name: string, brokerId: number): string {
  return join(clusterDir(name), `broker-${brokerId}`);
}

export function brokerLogFile(name: string, brokerId: number): string {
  return join(brokerDir(name, brokerId), "broker.log");
}

/** The names of all clusters that have a folder, running or not. */
export function clusterNames(): string[] {
  if (!existsSync(clustersDir)) return [];
  return readdirSync(clustersDir)
    .filter((name) => existsSync(join(clustersDir, name, STATE_FILE)))
    .sort();
}

export function readRecord(name: string): ClusterRecord | undefined {
  const file = join(clusterDir(name), STATE_FILE);
  if (!existsSync(file)) return undefined;
  return JSON.parse(readFileSync(file, "utf8")) as ClusterRecord;
}

/** Replaces the record in one step, so that a reader never sees half of it. */
export function writeRecord(record: ClusterRecord): void {
  const dir = clusterDir(record.options.name);
  mkdirSync(dir, { recursive: true });
  const file = join(dir, STATE_FILE);
  writeFileSync(`${file}.new`, `${JSON.stringify(record, null, 2)}\n`);
  renameSync(`${file}.new`, file);
}
