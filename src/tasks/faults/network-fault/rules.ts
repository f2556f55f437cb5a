// The packet rules of a NetworkFault: first what is exempt, then one rule for each peer, protocol
// and kind of port.

import { passCopies, queueNumber } from "../../network-rules/packet-queue.ts";
import {
  type AddressFamily,
  chainName,
  type PacketChain,
  type PacketRule,
  type PacketVerdict,
} from "../../network-rules/packet-rule.ts";
import { isQueued, type NetworkFaultSpec } from "./spec.ts";

export interface PeerAddress {
  readonly family: AddressFamily;
  /** An address or a network; undefined for everyone. */
  readonly address: string | undefined;
}

export interface ExemptPorts {
  /** Ports of this node. */
  readonly local: readonly number[];
  /** Ports of others that this node calls. */
  readonly remote: readonly number[];
}

type Hook = PacketChain["hook"];
/** iptables takes no more of them in one rule. */
const portsInARule = 15;

export function chainsOf(
  spec: NetworkFaultSpec,
  peers: readonly PeerAddress[],
  exempt: ExemptPorts,
  workerId: bigint,
): PacketChain[] {
  const hooks: Hook[] = [];
  if (spec.direction !== "out") hooks.push("INPUT");
  if (spec.direction !== "in") hooks.push("OUTPUT");
  const families = [...new Set(peers.map((peer) => peer.family))];
  const verdict = verdictOf(spec, workerId);
  const front = spec.action === "duplicate" ? [passCopies] : [];
  return families.flatMap((family) =>
    hooks.map((hook) => ({
      // A built-in chain each has a chain of its own.
      name: `${chainName(workerId)}${hook === "INPUT" ? "i" : "o"}`,
      hook,
      // What a queue lets go on skips the rest of its table, which must not be a firewall's.
      ...(isQueued(spec.action) ? { table: "mangle" as const } : {}),
      family,
      rules: [
        ...front,
        ...exemptRules(exempt, hook),
        ...peers
          .filter((peer) => peer.family === family)
          .flatMap((peer) => peerRules(spec, peer, hook).map((rule) => ({ ...rule, verdict }))),
      ],
    })),
  );
}

function exemptRules({ local, remote }: ExemptPorts, hook: Hook): PacketRule[] {
  return [...portMatches(local, "local", hook), ...portMatches(remote, "remote", hook)].map(
    (match) => ({ protocol: "tcp", ...match, verdict: "return" }),
  );
}

function peerRules(
  spec: NetworkFaultSpec,
  { address }: PeerAddress,
  hook: Hook,
): Omit<PacketRule, "verdict">[] {
  const who =
    address === undefined ? {} : { [hook === "INPUT" ? "source" : "destination"]: address };
  const chance = spec.probability === 1 ? {} : { probability: spec.probability };
  const matches = [
    ...portMatches(spec.localPorts, "local", hook),
    ...portMatches(spec.peerPorts, "remote", hook),
  ];
  return protocolsOf(spec).flatMap((protocol) =>
    (matches.length === 0 ? [{}] : matches).map((match) => ({
      ...(protocol === "all" ? {} : { protocol }),
      ...{ ...who, ...match, ...chance },
    })),
  );
}

/** Ports are known to TCP and UDP only, and only TCP can be reset. */
function protocolsOf(spec: NetworkFaultSpec): readonly NetworkFaultSpec["protocol"][] {
  if (spec.action === "reset") return ["tcp"];
  const hasPorts = spec.localPorts.length + spec.peerPorts.length > 0;
  return spec.protocol === "all" && hasPorts ? ["tcp", "udp"] : [spec.protocol];
}

type PortMatch = Pick<PacketRule, "sourcePorts" | "destinationPorts">;

function portMatches(ports: readonly number[], whose: "local" | "remote", hook: Hook): PortMatch[] {
  const isDestination = (whose === "local") === (hook === "INPUT");
  const matches: PortMatch[] = [];
  for (let at = 0; at < ports.length; at += portsInARule) {
    const some = ports.slice(at, at + portsInARule);
    matches.push(isDestination ? { destinationPorts: some } : { sourcePorts: some });
  }
  return matches;
}

function verdictOf({ action }: NetworkFaultSpec, workerId: bigint): PacketVerdict {
  if (isQueued(action)) return { queue: queueNumber(workerId) };
  if (action === "reject") return "unreachable";
  return action === "reset" ? "tcp-reset" : "drop";
}
