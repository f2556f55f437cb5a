// Which node of trogdor.conf a daemon is, and its port there.

import type { Topology, TopologyNode } from "../../core/topology.ts";
import { TrogdorError } from "../../core/trogdor-error.ts";
import type { DaemonRole } from "./state-dir.ts";

const defaultPorts: Readonly<Record<DaemonRole, number>> = { agent: 8888, coordinator: 8889 };

export function findNode(topology: Topology, name: string): TopologyNode {
  const node = topology.nodes.get(name);
  if (node !== undefined) return node;
  const known = [...topology.nodes.keys()].join(",");
  throw new TrogdorError(
    "configuration",
    `No node named ${name} found in the cluster!  Cluster nodes are: ${known}`,
  );
}

/** 0, and below as in the reference, takes any free port. */
export function portOf(node: TopologyNode, role: DaemonRole): number {
  const setting = node.settings.get(`trogdor.${role}.port`);
  return setting === undefined ? defaultPorts[role] : Math.max(0, Number(setting));
}
