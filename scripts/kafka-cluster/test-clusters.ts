// The names of the clusters that tests start. scripts/test sets TROGDOR_TEST_RUN, so that every
// test process of its run shares them and it can stop what is left; a bun test by hand uses its own
// pid.

import { stopCluster } from "./cluster.ts";
import { clusterNames } from "./cluster-files.ts";
import { identifyProcess } from "./process-identity.ts";

/** What the names of this run's clusters begin with. */
export function testClusterPrefix(): string {
  return `test-${process.env["TROGDOR_TEST_RUN"] ?? process.pid}-`;
}

/** Stops and deletes every cluster whose name begins so; returns their names. */
export async function stopTestClusters(prefix: string): Promise<string[]> {
  const names = clusterNames().filter((name) => name.startsWith(prefix));
  await Promise.all(names.map((name) => stopCluster(name, true)));
  return names;
}

/**
 * Stops and deletes the test clusters of runs that are over, such as one that was killed together
 * with its keeper. The number in a name is the pid of the run.
 */
export async function stopOrphanedTestClusters(): Promise<string[]> {
  const runs = clusterNames().map((name) => /^test-(\d+)-/.exec(name));
  const over = runs.filter((run) => run !== null && identifyProcess(Number(run[1])) === undefined);
  const prefixes = new Set(over.map((run) => run?.[0] ?? ""));
  return (await Promise.all([...prefixes].map(stopTestClusters))).flat();
}
