// Decides which node this is and what the cluster looks like: this machine alone, or what -c says.

import { hostname } from "node:os";
import { agentNodeNames, type Topology } from "../../core/topology.ts";
import { TrogdorError } from "../../core/trogdor-error.ts";

export interface ExecPlace {
  readonly node: string;
  readonly topology: Topology;
}

type TargetNodes = (topology: Topology) => readonly string[];

/** As the agent's default in the reference; exec itself opens no port. */
const defaultAgentPort = "8888";

/** Without a configuration the spec's own node name is this machine. */
export function localPlace(targetNodes: TargetNodes, nodeOption: string | undefined): ExecPlace {
  const node = nodeOption ?? targetNodes(topologyOf(hostname()))[0] ?? "";
  const name = node === "" ? hostname() : node;
  return { node: name, topology: topologyOf(name) };
}

export function configuredPlace(
  topology: Topology,
  nodeOption: string | undefined,
  confPath: string,
): ExecPlace {
  if (nodeOption !== undefined) {
    if (topology.nodes.has(nodeOption)) return { node: nodeOption, topology };
    const known = [...topology.nodes.keys()].join(",");
    throw new TrogdorError(
      "configuration",
      `No node named ${nodeOption} found in the cluster!  Cluster nodes are: ${known}`,
    );
  }
  const agents = agentNodeNames(topology);
  const only = agents[0];
  if (only !== undefined && agents.length === 1) return { node: only, topology };
  const found =
    only === undefined ? "no node with trogdor.agent.port" : `the agent nodes ${agents.join(", ")}`;
  throw new TrogdorError("usage", `Option "--node" is missing: ${confPath} has ${found}`);
}

/** Throws the reference's error when the task is meant for other nodes. */
export function checkTargets(targets: readonly string[], place: ExecPlace): void {
  // A spec without its node field names "", which means no one: this machine will do.
  if (targets.includes(place.node) || targets.every((name) => name === "")) return;
  throw new TrogdorError(
    "task",
    "This task is not configured to run on this node.  It runs on node(s): " +
      `${targets.join(", ")}, whereas this node is ${place.node}`,
  );
}

function topologyOf(name: string): Topology {
  const settings = new Map([["trogdor.agent.port", defaultAgentPort]]);
  return { nodes: new Map([[name, { name, hostname: "localhost", tags: [], settings }]]) };
}
