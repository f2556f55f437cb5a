// The names of the clusters that tests start. scripts/test sets TROGDOR_TEST_RUN, another for each
// of its test processes, which share no cluster, and all with its own mark in front, so that it can
// stop what is left; a bun test by hand uses its own mark.

import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { stopCluster } from "./cluster.ts";
import { clusterNames, clustersDir } from "./cluster-files.ts";
import { unmountBelow } from "./kibosh-mount.ts";
import { isMakerGone, makerMark } from "./maker-mark.ts";

/** What the names of this run's clusters begin with. */
export function testClusterPrefix(): string {
  return `test-${process.env["TROGDOR_TEST_RUN"] ?? makerMark()}-`;
}

/** Stops and deletes every cluster whose name begins so; returns their names. */
export async function stopTestClusters(prefix: string): Promise<string[]> {
  const names = clusterNames().filter((name) => name.startsWith(prefix));
  await Promise.all(names.map((name) => stopCluster(name, true)));
  return names;
}

/**
 * Stops and deletes the test clusters of runs that are over, such as one that was killed together
 * with its keeper, and what a start left that was killed before it wrote down what it did.
 */
export async function stopOrphanedTestClusters(): Promise<string[]> {
  const isOrphan = (name: string) => name.startsWith("test-") && isMakerGone(name);
  const names = clusterNames().filter(isOrphan);
  await Promise.all(names.map((name) => stopCluster(name, true)));
  const left = existsSync(clustersDir) ? readdirSync(clustersDir) : [];
  for (const entry of left.filter(isOrphan)) {
    await unmountBelow(join(clustersDir, entry));
    rmSync(join(clustersDir, entry), { recursive: true, force: true });
  }
  return names;
}
