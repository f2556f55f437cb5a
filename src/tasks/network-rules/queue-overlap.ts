// Whether packets that rules are to hand to a queue go to another one of ours already. Only the
// first of both would get them with iptables: what a queue lets go on skips the rest of the table.

import { BlockList, isIPv6 } from "node:net";
import type { Commands } from "../../platform/commands/commands.ts";
import { type IptablesProgram, standingLines } from "./iptables.ts";
import { chainPrefix, type PacketChain, type PacketRule } from "./packet-rule.ts";

/** Whose packets; each undefined member means all. */
interface Picked {
  readonly protocol: string | undefined;
  readonly address: string | undefined;
  readonly sourcePorts: readonly string[] | undefined;
  readonly destinationPorts: readonly string[] | undefined;
}

/** The rule of these chains that would miss its packets, or take those of another fault. */
export async function queueOverlap(
  program: IptablesProgram,
  chains: readonly PacketChain[],
  commands: Commands,
): Promise<PacketRule | undefined> {
  for (const chain of chains) {
    const standing = queueRules(chain, await standingLines(program, chain, commands));
    const queueing = chain.rules.filter((rule) => typeof rule.verdict === "object");
    const found = queueing.find((rule) => standing.some((one) => meet(one, pickedBy(rule))));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Those that packets of the chain's hook come by. */
function queueRules({ hook }: PacketChain, lines: readonly string[]): Picked[] {
  const jump = `-A ${hook} -j ${chainPrefix}`;
  const names = lines.filter((line) => line.startsWith(jump)).map((line) => line.split(" ")[3]);
  return lines
    .filter((line) => line.includes(" -j NFQUEUE ") && names.includes(line.split(" ")[1]))
    .map((line) => {
      const option = (name: string) => new RegExp(` ${name} (\\S+)`).exec(line)?.[1];
      return {
        protocol: option("-p"),
        address: option("-s") ?? option("-d"),
        sourcePorts: option("--sports")?.split(","),
        destinationPorts: option("--dports")?.split(","),
      };
    });
}

function pickedBy(rule: PacketRule): Picked {
  return {
    protocol: rule.protocol,
    address: rule.source ?? rule.destination,
    sourcePorts: rule.sourcePorts?.map(String),
    destinationPorts: rule.destinationPorts?.map(String),
  };
}

function meet(a: Picked, b: Picked): boolean {
  return (
    (a.protocol === undefined || b.protocol === undefined || a.protocol === b.protocol) &&
    (covers(a.address, b.address) || covers(b.address, a.address)) &&
    share(a.sourcePorts, b.sourcePorts) &&
    share(a.destinationPorts, b.destinationPorts)
  );
}

/** Of two networks that share an address one holds the other. */
function covers(network: string | undefined, other: string | undefined): boolean {
  if (network === undefined || other === undefined) return true;
  const [address = "", bits] = network.split("/");
  const [first = ""] = other.split("/");
  const family = isIPv6(address) ? "ipv6" : "ipv4";
  const list = new BlockList();
  list.addSubnet(address, Number(bits ?? (family === "ipv6" ? 128 : 32)), family);
  return list.check(first, family);
}

function share(some: readonly string[] | undefined, others: readonly string[] | undefined) {
  if (some === undefined || others === undefined) return true;
  return some.some((one) => others.includes(one));
}
