// The rules that cut this node off: one for each node of the other groups, in name order, as the
// reference has them, but in a chain of our own in front of INPUT.

import { TrogdorError } from "../../../core/trogdor-error.ts";
import type { Address } from "../../../platform/names/names.ts";
import { defineFault, type FaultContext, type FaultNode } from "../../define-fault.ts";
import { addressesOfNode } from "../../network-rules/node-addresses.ts";
import {
  type AddressFamily,
  chainName,
  type PacketChain,
  type PacketRule,
} from "../../network-rules/packet-rule.ts";
import {
  applyCommands,
  applyRules,
  checkRules,
  type PacketRules,
  removeRules,
  rulesProblem,
  undoCommands,
} from "../../network-rules/packet-rules.ts";
import { choosePacketTool } from "../../network-rules/packet-tool.ts";
import { commandText } from "../../network-rules/run-command.ts";
import { groupsOf, type NetworkPartitionSpec, nobodyElse } from "./spec.ts";

interface Plan {
  readonly rules: PacketRules;
}

interface Peer {
  readonly name: string;
  readonly address: Address;
}

export const networkPartition = defineFault<NetworkPartitionSpec, Plan>({
  async plan(spec, context) {
    const { workerId, commands } = context;
    const peers = await resolvePeers(othersOf(spec, context.node), context);
    const chains = ([4, 6] as const)
      .map((family) => chainFor(family, peers, workerId))
      .filter((chain) => chain.rules.length > 0);
    if (chains.length === 0) throw new TrogdorError("task", nobodyElse);
    const families = chains.map((chain) => chain.family);
    const tool = await choosePacketTool(families, commands);
    const rules = { tool, name: chainName(workerId), chains };
    await checkRules(rules, commands);
    return { rules };
  },
  steps({ rules }) {
    return {
      targets: rules.chains.flatMap((chain) =>
        chain.rules.map((rule) => `TCP from ${rule.source}`),
      ),
      by: rules.tool.name,
      apply: applyCommands(rules).map(commandText),
      undo: undoCommands(rules).map(commandText),
    };
  },
  async apply({ rules }, node) {
    await applyRules(rules, node.commands);
  },
  async probe({ rules }, node) {
    return await rulesProblem(rules, node.commands);
  },
  async undo({ rules }, node) {
    await removeRules(rules, node.commands);
  },
  words: {
    applying: (_spec, taskId) => `creating network partition ${taskId}`,
    // With iptables the reference's text, as its readers know it.
    applied: (_spec, taskId, { rules }) =>
      `created network partition ${taskId}${rules.tool.program === "nft" ? " (nft)" : ""}`,
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
  const [address] = await addressesOfNode(name, topology.nodes.get(name)!.hostname, names);
  return address!;
}

function chainFor(family: AddressFamily, peers: readonly Peer[], workerId: bigint): PacketChain {
  const rules = peers
    .filter((peer) => peer.address.family === family)
    .map(({ name, address }): PacketRule => {
      return { protocol: "tcp", source: address.address, verdict: "drop", comment: name };
    });
  return { name: chainName(workerId), hook: "INPUT", family, rules };
}
