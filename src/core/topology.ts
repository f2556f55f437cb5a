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

/** The names of the nodes that run an agent: those where `trogdor.agent.port` is present. */
export function agentNodeNames(topology: Topology): string[] {
  return [...topology.nodes.values()]
    .filter((node) => node.settings.has("trogdor.agent.port"))
    .map((node) => node.name);
}
