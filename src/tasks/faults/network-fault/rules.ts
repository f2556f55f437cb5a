// The packet rules of a NetworkFault: first what is exempt, then one rule for each peer, protocol
// and kind of port.

import {
  type AddressFamily,
  chainName,
  type PacketChain,
} from "../../network-rules/packet-chain.ts";
import type { NetworkFaultSpec } from "./spec.ts";

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
  return families.flatMap((family) =>
    hooks.map((hook) => ({
      // A built-in chain each has a chain of its own.
      name: `${chainName(workerId)}${hook === "INPUT" ? "i" : "o"}`,
      hook,
      family,
      rules: [
        ...exemptRules(exempt, hook),
        ...peers
          .filter((peer) => peer.family === family)
          .flatMap((peer) => peerRules(spec, peer, hook)),
      ],
    })),
  );
}

function exemptRules({ local, remote }: ExemptPorts, hook: Hook): string[][] {
  return [...portMatches(local, "local", hook), ...portMatches(remote, "remote", hook)].map(
    (match) => ["-p", "tcp", ...match, "-j", "RETURN"],
  );
}

function peerRules(spec: NetworkFaultSpec, { family, address }: PeerAddress, hook: Hook) {
  const side = hook === "INPUT" ? "-s" : "-d";
  const who = address === undefined ? [] : [side, address];
  const chance =
    spec.probability === 1
      ? []
      : ["-m", "statistic", "--mode", "random", "--probability", String(spec.probability)];
  const matches = [
    ...portMatches(spec.localPorts, "local", hook),
    ...portMatches(spec.peerPorts, "remote", hook),
  ];
  return protocolsOf(spec).flatMap((protocol) =>
    (matches.length === 0 ? [[]] : matches).map((match) => [
      ...(protocol === "all" ? [] : ["-p", protocol]),
      ...[...who, ...match, ...chance],
      ...target(spec, family),
    ]),
  );
}

/** Ports are known to TCP and UDP only, and only TCP can be reset. */
function protocolsOf(spec: NetworkFaultSpec): readonly string[] {
  if (spec.action === "reset") return ["tcp"];
  const hasPorts = spec.localPorts.length + spec.peerPorts.length > 0;
  return spec.protocol === "all" && hasPorts ? ["tcp", "udp"] : [spec.protocol];
}

function portMatches(ports: readonly number[], whose: "local" | "remote", hook: Hook): string[][] {
  const isDestination = (whose === "local") === (hook === "INPUT");
  const option = isDestination ? "--dports" : "--sports";
  const matches: string[][] = [];
  for (let at = 0; at < ports.length; at += portsInARule) {
    matches.push(["-m", "multiport", option, ports.slice(at, at + portsInARule).join(",")]);
  }
  return matches;
}

function target({ action }: NetworkFaultSpec, family: AddressFamily): string[] {
  if (action === "drop") return ["-j", "DROP"];
  const unreachable = family === 4 ? "icmp-port-unreachable" : "icmp6-port-unreachable";
  return ["-j", "REJECT", "--reject-with", action === "reset" ? "tcp-reset" : unreachable];
}
