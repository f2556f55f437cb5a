// The nodes that the coordinator can talk to: those whose agent port, given or by default, is above
// 0. A node without an agent port of its own counts as one without agent: it is asked only while a
// task names it. (The reference polls port 8888 of each such node for ever.)

import { agentPortKey, type Topology } from "../../core/topology.ts";

export const defaultAgentPort = 8888;

export interface ReachableNode {
  readonly name: string;
  readonly hostname: string;
  readonly port: number;
  readonly isAgent: boolean;
}

export function reachableNodes(topology: Topology): ReachableNode[] {
  const nodes: ReachableNode[] = [];
  for (const { name, hostname, settings } of topology.nodes.values()) {
    const setting = settings.get(agentPortKey);
    const port = Number(setting ?? defaultAgentPort);
    if (port > 0) nodes.push({ name, hostname, port, isAgent: setting !== undefined });
  }
  return nodes.sort((a, b) => (a.name < b.name ? -1 : 1));
}
