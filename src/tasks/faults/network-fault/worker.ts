// Drops, rejects or resets packets by peer, direction, port and chance. What keeps the task under
// control is never cut: the agent's port, and where the coordinator runs its own and its calls.

import { isIP } from "node:net";
import { agentPortKey } from "../../../core/topology.ts";
import { TrogdorError } from "../../../core/trogdor-error.ts";
import type { Commands } from "../../../platform/commands/commands.ts";
import { defineFault, type FaultContext } from "../../define-fault.ts";
import { addressesOfNode } from "../../network-rules/node-addresses.ts";
import {
  applyQueue,
  chooseQueueTool,
  type PacketQueue,
  planQueue,
  type QueueEffect,
  queueCommands,
  queueProblem,
  queueUndoCommands,
  removeQueue,
} from "../../network-rules/packet-queue.ts";
import {
  type AddressFamily,
  chainName,
  type PacketChain,
} from "../../network-rules/packet-rule.ts";
import {
  applyCommands,
  applyRules,
  checkRules,
  type PacketRules,
  removeRules,
  rulesHits,
  rulesProblem,
  undoCommands,
} from "../../network-rules/packet-rules.ts";
import {
  choosePacketTool,
  forAllFamilies,
  type PacketTool,
} from "../../network-rules/packet-tool.ts";
import { queueOverlap } from "../../network-rules/queue-overlap.ts";
import { commandText } from "../../network-rules/run-command.ts";
import { chainsOf, type ExemptPorts, type PeerAddress } from "./rules.ts";
import { isQueued, type NetworkFaultSpec } from "./spec.ts";

export interface Plan {
  /** The peers and what becomes of their packets, in words. */
  readonly targets: readonly string[];
  readonly rules: PacketRules;
  /** Sends packets twice; its rules are those above. */
  readonly queue?: Omit<PacketQueue, "rules">;
}

export const networkFault = defineFault<NetworkFaultSpec, Plan>({
  async plan(spec, context) {
    const { workerId, commands } = context;
    const { peers, tool } = await usablePeers(spec, context);
    const chains = chainsOf(spec, peers, exemptPorts(spec, context), workerId);
    const targets = peers.map((peer) => targetText(spec, peer));
    if (isQueued(spec.action)) {
      await mustNotOverlap(chains, tool, commands);
      const { rules, ...queue } = await planQueue(effectOf(spec), chains, tool, context);
      return { targets, rules, queue };
    }
    const rules = { tool, name: chainName(workerId), chains };
    await checkRules(rules, commands);
    return { targets, rules };
  },
  steps({ rules, queue, targets }) {
    if (queue !== undefined) {
      const whole = { ...queue, rules };
      const by = `NFQUEUE and ${rules.tool.name}`;
      return { targets, by, apply: queueCommands(whole), undo: queueUndoCommands(whole) };
    }
    const apply = applyCommands(rules).map(commandText);
    const undo = undoCommands(rules).map(commandText);
    return { targets, by: rules.tool.name, apply, undo };
  },
  async apply({ rules, queue }, node) {
    if (queue === undefined) await applyRules(rules, node.commands);
    else await applyQueue({ ...queue, rules }, node);
  },
  async probe({ rules, queue }, node) {
    if (queue === undefined) return await rulesProblem(rules, node.commands);
    return await queueProblem({ ...queue, rules }, node);
  },
  async during({ rules, queue }, node, { signal, tell }) {
    for (let isOver = false; !isOver; ) {
      await node.clock.sleep(countEveryMs, signal);
      isOver = signal.aborted;
      // When rules are gone the probe says so.
      const hits = await rulesHits(rules, node.commands).catch(() => undefined);
      if (hits !== undefined) tell(packetCounts(rules, hits, queue?.effect.duplicated === 1));
    }
  },
  async undo({ rules, queue }, node) {
    if (queue === undefined) await removeRules(rules, node.commands);
    else await removeQueue({ ...queue, rules }, node);
  },
  words: {
    applying: (_spec, taskId) => `creating network fault ${taskId}`,
    applied: (_spec, taskId, { rules, queue }) => {
      const engine = queue === undefined ? "" : "NFQUEUE, ";
      return `created network fault ${taskId} (${engine}${rules.tool.name})`;
    },
    undoing: (_spec, taskId) => `removing network fault ${taskId}`,
    undone: (_spec, taskId) => `removed network fault ${taskId}`,
  },
});

const countEveryMs = 1_000;

async function mustNotOverlap(
  chains: readonly PacketChain[],
  { program }: PacketTool,
  commands: Commands,
): Promise<void> {
  // In nft's tables each fault has all packets come by.
  if (program === "nft") return;
  const rule = await queueOverlap(program, chains, commands);
  if (rule === undefined) return;
  const who = rule.source ?? rule.destination ?? "everyone";
  const message =
    "another fault delays or doubles some of these packets already; end that one first";
  throw new TrogdorError("task", `peers: ${who}: ${message}`);
}

/** The rules have picked the packets: it happens to each that the queue gets. */
function effectOf({ action, latencyMs, jitterMs }: NetworkFaultSpec): QueueEffect {
  if (action === "delay") return { delayMs: latencyMs, jitterMs, duplicated: 0 };
  return { delayMs: 0, jitterMs: 0, duplicated: 1 };
}

function targetText(spec: NetworkFaultSpec, { address, family }: PeerAddress): string {
  const whom = address ?? `everyone (IPv${family})`;
  const way = { in: "from", out: "to", both: "from and to" }[spec.direction];
  const share = spec.probability === 1 ? "" : `, ${spec.probability * 100} % of them`;
  const late = spec.action === "delay" ? ` by ${spec.latencyMs} ms` : "";
  return `${spec.action} packets ${way} ${whom}${late}${share}`;
}

/** `hits` are those of each rule of each chain. */
export function packetCounts(
  { chains }: PacketRules,
  hits: readonly (readonly number[])[],
  areDuplicated: boolean,
): { readonly packets: number; readonly duplicated?: number } {
  const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0);
  const packets = chains.map(({ rules }, at) =>
    sum((hits[at] ?? []).filter((_, index) => rules[index]?.verdict !== "return")),
  );
  if (!areDuplicated) return { packets: sum(packets) };
  // Second packets are sent here, whichever way the first ones went.
  const outgoing = chains.filter(({ hook }) => hook === "OUTPUT");
  const passing = outgoing.length > 0 ? outgoing : chains;
  const duplicated = passing.map((chain) => hits[chains.indexOf(chain)]?.[0] ?? 0);
  return { packets: sum(packets), duplicated: sum(duplicated) };
}

/** Whom the rules are for, and what sets them for all of them. */
async function usablePeers(
  spec: NetworkFaultSpec,
  context: FaultContext,
): Promise<{ readonly peers: readonly PeerAddress[]; readonly tool: PacketTool }> {
  const { commands } = context;
  const choose = isQueued(spec.action) ? chooseQueueTool : choosePacketTool;
  if (spec.peers.length > 0) {
    const found = await Promise.all(spec.peers.map((peer) => addressesOf(peer, spec, context)));
    const peers = found.flat();
    const families = [...new Set(peers.map((peer) => peer.family))].sort();
    return { peers, tool: await choose(families, commands) };
  }
  const { tool, families } = await forAllFamilies((wanted) => choose(wanted, commands));
  return { peers: families.map((family) => ({ family, address: undefined })), tool };
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
  const addresses = await addressesOfNode(peer, known.hostname, names);
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
  // Rules know no zone, such as %eth0.
  if (version === 0 || more !== undefined || address.includes("%")) return undefined;
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
