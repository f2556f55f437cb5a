// Drops, rejects or resets packets by peer, direction, port and chance. What keeps the task under
// control is never cut: the agent's port, and where the coordinator runs its own and its calls.

import { isIP } from "node:net";
import { agentPortKey } from "../../../core/topology.ts";
import { TrogdorError } from "../../../core/trogdor-error.ts";
import { defineFault, type FaultContext } from "../../define-fault.ts";
import {
  type AddressFamily,
  applyChain,
  applyCommands,
  chainProblem,
  checkPacketRules,
  type PacketChain,
  removeChain,
  undoCommands,
} from "../../network-rules/packet-chain.ts";
import { chainsOf, type ExemptPorts, type PeerAddress } from "./rules.ts";
import type { NetworkFaultSpec } from "./spec.ts";

interface Plan {
  readonly chains: readonly PacketChain[];
  /** The peers and what becomes of their packets, in words. */
  readonly targets: readonly string[];
}

export const networkFault = defineFault<NetworkFaultSpec, Plan>({
  async plan(spec, context) {
    const peers = await peerAddresses(spec, context);
    const chains = chainsOf(spec, peers, exemptPorts(spec, context), context.workerId);
    const targets = peers.map(({ address, family }) => {
      const whom = address ?? `everyone (IPv${family})`;
      const way = { in: "from", out: "to", both: "from and to" }[spec.direction];
      const share = spec.probability === 1 ? "" : `, ${spec.probability * 100} % of them`;
      return `${spec.action} packets ${way} ${whom}${share}`;
    });
    return { chains, targets };
  },
  steps: ({ chains, targets }) => ({
    targets,
    apply: chains.flatMap(applyCommands).map((command) => command.join(" ")),
    undo: chains.flatMap(undoCommands).map((command) => command.join(" ")),
  }),
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
    applying: (_spec, taskId) => `creating network fault ${taskId}`,
    applied: (_spec, taskId) => `created network fault ${taskId}`,
    undoing: (_spec, taskId) => `removing network fault ${taskId}`,
    undone: (_spec, taskId) => `removed network fault ${taskId}`,
  },
});

async function peerAddresses(
  spec: NetworkFaultSpec,
  context: FaultContext,
): Promise<PeerAddress[]> {
  const found: PeerAddress[] =
    spec.peers.length === 0
      ? ([4, 6] as const).map((family) => ({ family, address: undefined }))
      : (await Promise.all(spec.peers.map((peer) => addressesOf(peer, spec, context)))).flat();
  const usable: PeerAddress[] = [];
  for (const family of [4, 6] as const) {
    const ofFamily = found.filter((peer) => peer.family === family);
    if (ofFamily.length === 0) continue;
    try {
      await checkPacketRules(family, context.commands);
      usable.push(...ofFamily);
    } catch (error) {
      // A node without IPv6 has no such traffic.
      if (family === 4 || spec.peers.length > 0) throw error;
    }
  }
  return usable;
}

async function addressesOf(
  peer: string,
  spec: NetworkFaultSpec,
  { topology, names, node }: FaultContext,
): Promise<PeerAddress[]> {
  const literal = familyOf(peer);
  if (literal !== undefined) return [{ family: literal, address: peer }];
  const known = topology.nodes.get(peer);
  if (known === undefined) {
    const nodes = [...topology.nodes.keys()].join(", ");
    const message = `peers: "${peer}" is no address, no network and none of the nodes ${nodes}`;
    throw new TrogdorError("task", message);
  }
  const hasPorts = spec.localPorts.length + spec.peerPorts.length > 0;
  const addresses = await names.resolve(known.hostname);
  const own = addresses.find(({ address }) => isLoopback(address));
  if (peer === node || (own !== undefined && !hasPorts)) {
    const message = `peers: ${peer} (${own?.address ?? known.hostname}) is this node itself`;
    throw new TrogdorError("task", `${message}; only ports of it can be cut`);
  }
  return addresses.map(({ address, family }) => ({ family, address }));
}

/** 4 or 6 for an address or network; undefined for a name. */
function familyOf(peer: string): AddressFamily | undefined {
  const [address = "", bits, more] = peer.split("/");
  const version = isIP(address);
  if (version === 0 || more !== undefined) return undefined;
  const bitsMax = version === 4 ? 32 : 128;
  const isNetwork = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= bitsMax);
  return isNetwork ? (version as AddressFamily) : undefined;
}

function isLoopback(address: string): boolean {
  return address.startsWith("127.") || address === "::1";
}

const defaultAgentPort = 8888;
const coordinatorPortKey = "trogdor.coordinator.port";

function exemptPorts(spec: NetworkFaultSpec, { topology, node }: FaultContext): ExemptPorts {
  const portOf = (name: string, key: string, byDefault: number) =>
    Number(topology.nodes.get(name)?.settings.get(key) ?? byDefault);
  const ownPort = portOf(node, agentPortKey, defaultAgentPort);
  const coordinatorPort = portOf(node, coordinatorPortKey, 0);
  const isCoordinator = coordinatorPort > 0;
  const agentPorts = [...topology.nodes.keys()]
    .map((name) => portOf(name, agentPortKey, defaultAgentPort))
    .filter((port) => port > 0);
  const local = [ownPort, coordinatorPort, ...spec.exemptPorts].filter((port) => port > 0);
  return {
    local: [...new Set(local)],
    remote: isCoordinator ? [...new Set(agentPorts)] : [],
  };
}
