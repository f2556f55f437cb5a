// Ends what tests left behind that were killed: clusters, mounts, network namespaces, folders and
// processes. Each carries the mark of its maker (../kafka-cluster/maker-mark.ts), and only what
// belongs to a process that is gone, or to the run that is named, is touched.

import { readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isMakerGone } from "../kafka-cluster/maker-mark.ts";
import { unmountWhere } from "../kafka-cluster/mounts.ts";
import {
  endProcess,
  identifyProcess,
  isAlive,
  type ProcessIdentity,
} from "../kafka-cluster/process-identity.ts";
import { stopOrphanedTestClusters } from "../kafka-cluster/test-clusters.ts";

const COMMAND_TIMEOUT_MS = 30_000;
/** Guards and the like end by themselves when their run is gone, and have something to do first. */
const GRACE_MS = 3_000;

interface Options {
  /** A run that is over although its process lives. */
  readonly endedRun?: string;
  readonly graceMs?: number;
}

/** What the names of all that tests make begin with: folders, namespaces and clusters. */
const testNames = ["kibosh-test-", "trogdor-test-", "test-"];

/** True for what a test made whose process is gone; never for others' names such as "disk-8t1". */
export function isOrphan(name: string): boolean {
  return testNames.some((begin) => name.startsWith(begin)) && isMakerGone(name);
}

/** Answers what was ended, and what could not be, for people. */
export async function removeOrphans(options: Options = {}): Promise<string[]> {
  const told: string[] = [];
  // Somebody who is not root leaves root's things where they are, and tests nevertheless.
  const attempt = async (kind: string, end: () => Promise<readonly string[]>) => {
    try {
      told.push(...(await end()).map((what) => `${kind} ${what}`));
    } catch (error) {
      told.push(`not every ${kind}: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  await attempt("cluster", stopOrphanedTestClusters);
  await attempt("mount", () => unmountWhere((place) => place.split("/").some(isOrphan)));
  await attempt("network namespace", endNamespaces);
  await attempt("folder", removeFolders);
  await attempt("process", async () => (await endProcesses(options)).map(({ pid }) => `${pid}`));
  return told;
}

async function endNamespaces(): Promise<string[]> {
  if (Bun.which("ip") === null) return [];
  const listed = await run("ip", "netns", "list");
  const all = listed.split("\n").map((line) => line.split(" ")[0] ?? "");
  const names = all.filter(isOrphan);
  for (const name of names) await run("ip", "netns", "delete", name);
  return names;
}

async function removeFolders(): Promise<string[]> {
  const parents = new Set([tmpdir(), process.env["KIBOSH_TEST_DIR"] ?? tmpdir()]);
  const folders = [...parents].flatMap((parent) =>
    readdirSync(parent)
      .filter((name) => name.startsWith("kibosh-test-") && isOrphan(name))
      .map((name) => join(parent, name)),
  );
  for (const folder of folders) await run("rm", "-rf", "--one-file-system", folder);
  return folders;
}

/** Those of runs that are over: everything that a test starts inherits the run's name. */
async function endProcesses(options: Options): Promise<ProcessIdentity[]> {
  const { endedRun, graceMs = GRACE_MS } = options;
  const found = processesOf((name) => isMakerGone(name) || isOf(name, endedRun));
  const deadlineMs = performance.now() + graceMs;
  while (found.some(isAlive) && performance.now() < deadlineMs) await Bun.sleep(20);
  const left = found.filter(isAlive);
  await Promise.all(left.map((identity) => endProcess(identity, 0)));
  return left;
}

function isOf(name: string, run: string | undefined): boolean {
  return run !== undefined && (name === run || name.startsWith(`${run}-`));
}

function processesOf(isOver: (run: string) => boolean): ProcessIdentity[] {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.flatMap((name) => {
    const pid = Number(name);
    const identity = pid === process.pid ? undefined : identifyProcess(pid);
    const testRun = identity === undefined ? undefined : testRunOf(pid);
    return identity !== undefined && testRun !== undefined && isOver(testRun) ? [identity] : [];
  });
}

function testRunOf(pid: number): string | undefined {
  try {
    const variables = readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
    return variables.find((one) => one.startsWith("TROGDOR_TEST_RUN="))?.split("=")[1];
  } catch {
    return undefined; // gone, or somebody else's
  }
}

/** What a command printed; what it could not do is found again by the next run. */
async function run(...command: readonly string[]): Promise<string> {
  const child = Bun.spawn([...command], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "ignore",
    timeout: COMMAND_TIMEOUT_MS,
    killSignal: "SIGKILL",
  });
  return await new Response(child.stdout).text();
}
