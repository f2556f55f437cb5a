// What is wrong with a ConnectionStress spec beyond its shape.

import type { Problem } from "../../../core/trogdor-error.ts";
import { checkConfs } from "../../client-confs/check-confs.ts";
import { type ConfLayers, confLayers, namesServers } from "../../client-confs/conf-layers.ts";
import type { ConnectionStressSpec } from "./spec.ts";

/** More sockets than a process may open by default. */
export const THREADS_MAX = 10_000;

export async function checkConnectionStress(
  spec: ConnectionStressSpec,
): Promise<readonly Problem[]> {
  const hasServers = spec.bootstrapServers.trim() !== "" || namesServers(spec.commonClientConf);
  return [
    ...checkNumbers(spec),
    ...(await checkConfs(hasServers, { admin: connectionLayers(spec) }, "native")),
  ];
}

export function connectionLayers(spec: ConnectionStressSpec): ConfLayers {
  const { commonClientConf } = spec;
  return confLayers({ "bootstrap.servers": spec.bootstrapServers }, { commonClientConf });
}

function checkNumbers({ targetConnectionsPerSec, numThreads }: ConnectionStressSpec): Problem[] {
  const problems: Problem[] = [];
  if (targetConnectionsPerSec < 0) {
    const message =
      "expected 0 (which means 10 a second for each thread) or more, " +
      `found ${targetConnectionsPerSec}`;
    problems.push({ path: "targetConnectionsPerSec", message });
  }
  if (numThreads > THREADS_MAX) {
    const message = `expected 1 to ${THREADS_MAX} threads, found ${numThreads}`;
    problems.push({ path: "numThreads", message });
  }
  return problems;
}
