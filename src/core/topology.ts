// The nodes of a cluster as trogdor.conf describes them. Pure: reading the file is a mode's work.

/** One node. Settings are kept as text, as in the reference; `hostname` and `tags` stand apart. */
export interface TopologyNode {
  readonly name: string;
  readonly hostname: string;
  readonly tags: readonly string[];
  readonly settings: ReadonlyMap<string, string>;
}

export interface Topology {
  /** Sorted by name. */
  readonly nodes: ReadonlyMap<string, TopologyNode>;
}

export const agentPortKey = "trogdor.agent.port";

/**
 * The names of the nodes that run an agent: those whose `trogdor.agent.port` is above 0. A node
 * without it, or with 0, has none. (The reference takes 0 for an agent here, and for none where it
 * talks to them.)
 */
export function agentNodeNames(topology: Topology): string[] {
  return [...topology.nodes.values()]
    .filter((node) => Number(node.settings.get(agentPortKey) ?? 0) > 0)
    .map((node) => node.name);
}
