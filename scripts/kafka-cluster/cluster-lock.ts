// One change to a cluster at a time, over all processes: a lock file that names its holder. The
// lock of a process that has died is taken over.

import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { clusterDir } from "./cluster-files.ts";
import { identifyProcess, isAlive, type ProcessIdentity } from "./process-identity.ts";

const WAIT_MS = 180_000;
const RETRY_MS = 100;

export async function withClusterLock<T>(name: string, work: () => Promise<T>): Promise<T> {
  const file = `${clusterDir(name)}.lock`;
  mkdirSync(dirname(file), { recursive: true });
  const deadlineMs = performance.now() + WAIT_MS;
  while (!tryLock(file)) {
    const holder = readHolder(file);
    if (holder !== undefined && !isAlive(holder)) {
      rmSync(file, { force: true });
      continue;
    }
    if (performance.now() > deadlineMs) {
      throw new Error(`cluster "${name}" is held by process ${holder?.pid}: gave up waiting`);
    }
    await Bun.sleep(RETRY_MS);
  }
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}

// A link appears with its content in one step, so that nobody reads a lock without a holder.
function tryLock(file: string): boolean {
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, JSON.stringify(identifyProcess(process.pid)));
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

function readHolder(file: string): ProcessIdentity | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as ProcessIdentity;
  } catch {
    return undefined; // released between the two looks
  }
}
