// The rules that cut this node off: one for each node of the other groups, in name order, as the
// reference has them, but in a chain of our own in front of INPUT.

import { TrogdorError } from "../../../core/trogdor-error.ts";
import type { Address } from "../../../platform/names/names.ts";
import { defineFault, type FaultContext, type FaultNode } from "../../define-fault.ts";
import {
  type AddressFamily,
  applyChain,
  applyCommands,
  chainName,
  chainProblem,
  checkPacketRules,
  type PacketChain,
  removeChain,
  undoCommands,
} from "../../network-rules/packet-chain.ts";
import { groupsOf, type NetworkPartitionSpec } from "./spec.ts";

interface Plan {
  readonly chains: readonly PacketChain[];
}

interface Peer {
  readonly name: string;
  readonly address: Address;
}

export const networkPartition = defineFault<NetworkPartitionSpec, Plan>({
  async plan(spec, context) {
    const peers = await resolvePeers(othersOf(spec, context.node), context);
    const chains = ([4, 6] as const)
      .map((family) => chainFor(family, peers, context.workerId))
      .filter((chain) => chain.rules.length > 0);
    for (const { family } of chains) await checkPacketRules(family, context.commands);
    return { chains };
  },
  steps({ chains }) {
    return {
      targets: chains.flatMap((chain) => chain.rules.map((rule) => `TCP from ${rule[3]}`)),
      apply: chains.flatMap(applyCommands).map((command) => command.join(" ")),
      undo: chains.flatMap(undoCommands).map((command) => command.join(" ")),
    };
  },
  async apply({ chains }, node) {
    for (const chain of chains) await applyChain(chain, node.commands);
  },
  async probe({ chains }, node) {
    for (const chain of chains) {
      const problem = await chainProblem(chain, node.commands);
      if (problem !== "") return problem;
    }
    return "";
  },
  async undo({ chains }, node) {
    for (const chain of chains) await removeChain(chain, node.commands);
  },
  words: {
    applying: (_spec, taskId) => `creating network partition ${taskId}`,
    applied: (_spec, taskId) => `created network partition ${taskId}`,
    undoing: (_spec, taskId) => `removing network partition ${taskId}`,
    undone: (_spec, taskId) => `removed network partition ${taskId}`,
  },
});

/** The nodes of all groups that do not hold this one, sorted by name. */
function othersOf(spec: NetworkPartitionSpec, node: string): string[] {
  return groupsOf(spec)
    .filter((group) => !group.includes(node))
    .flat()
    .sort();
}

/** The reference takes the first address, IPv4 before IPv6. */
async function resolvePeers(names: readonly string[], context: FaultContext): Promise<Peer[]> {
  const unknown = names.filter((name) => !context.topology.nodes.has(name));
  if (unknown.length > 0) {
    const known = [...context.topology.nodes.keys()].join(", ");
    throw new TrogdorError(
      "task",
      `partitions: unknown node ${unknown.join(", ")}; the cluster's nodes are ${known}`,
    );
  }
  const peers: Peer[] = [];
  for (const name of names) peers.push({ name, address: await firstAddress(name, context) });
  return peers;
}

async function firstAddress(
  name: string,
  { names, topology }: FaultContext & FaultNode,
): Promise<Address> {
  const [address] = await names.resolve(topology.nodes.get(name)!.hostname);
  if (address === undefined) throw new TrogdorError("task", `node ${name} has no address`);
  return address;
}

function chainFor(family: AddressFamily, peers: readonly Peer[], workerId: bigint): PacketChain {
  const rules = peers
    .filter((peer) => peer.address.family === family)
    .map(({ name, address }) => [
      ...["-p", "tcp", "-s", address.address],
      ...["-j", "DROP", "-m", "comment", "--comment", name],
    ]);
  return { name: chainName(workerId), hook: "INPUT", family, rules };
}
