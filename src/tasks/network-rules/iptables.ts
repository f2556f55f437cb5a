// Packet rules by iptables, on nf_tables or legacy tables: chains of a worker's own, jumped to from
// the front of a built-in chain, so that an earlier rule that accepts cannot hide them. What stands
// in the kernel is read back, never guessed.

import type { Commands } from "../../platform/commands/commands.ts";
import {
  type AddressFamily,
  chainPrefix,
  type PacketChain,
  type PacketRule,
} from "./packet-rule.ts";
import { mustRunAsRoot } from "./run-command.ts";

export type IptablesProgram = "iptables" | "iptables-nft" | "iptables-legacy";

/** Waits for whoever else holds the tables' lock. */
const lockWait = ["-w", "5"];

export function iptablesCommand(
  program: IptablesProgram,
  family: AddressFamily,
  ...args: readonly string[]
): string[] {
  return [family === 4 ? program : program.replace("ip", "ip6"), ...lockWait, ...args];
}

export function applyCommands(program: IptablesProgram, chain: PacketChain): string[][] {
  const { name, hook, family, rules } = chain;
  return [
    inTable(program, chain, "-N", name),
    ...rules.map((rule) => inTable(program, chain, "-A", name, ...ruleArguments(rule, family))),
    inTable(program, chain, "-I", hook, "1", "-j", name),
  ];
}

export function undoCommands(program: IptablesProgram, chain: PacketChain): string[][] {
  const { name, hook } = chain;
  return [
    inTable(program, chain, "-D", hook, "-j", name),
    inTable(program, chain, "-F", name),
    inTable(program, chain, "-X", name),
  ];
}

/** Removes what is there of it; nothing there is fine. */
export async function removeChain(
  program: IptablesProgram,
  chain: PacketChain,
  commands: Commands,
): Promise<void> {
  const { name, hook } = chain;
  const lines = await standingLines(program, chain, commands);
  const [unhook, flush, remove] = undoCommands(program, chain) as [string[], string[], string[]];
  const jumps = lines.filter((line) => line === `-A ${hook} -j ${name}`);
  for (const _ of jumps) await mustRunAsRoot(commands, unhook);
  if (!lines.includes(`-N ${name}`)) return;
  await mustRunAsRoot(commands, flush);
  await mustRunAsRoot(commands, remove);
}

/** "" when the chain is in force, else what was expected and what was seen. */
export async function chainProblem(
  program: IptablesProgram,
  chain: PacketChain,
  commands: Commands,
): Promise<string> {
  const { name, hook, rules } = chain;
  const lines = await standingLines(program, chain, commands);
  const hooked = lines.filter((line) => line.startsWith(`-A ${hook} `));
  // Jumps of other faults of ours may stand in front: they drop or pass on, they never accept.
  const first = hooked.findIndex((line) => !line.startsWith(`-A ${hook} -j ${chainPrefix}`));
  const front = first < 0 ? hooked : hooked.slice(0, first);
  if (!front.includes(`-A ${hook} -j ${name}`)) {
    const seen = hooked[0] === undefined ? "no rule" : `"${hooked[0]}"`;
    return `expected ${hook} to begin with a jump to ${name}, found ${seen}`;
  }
  const standing = lines.filter((line) => line.startsWith(`-A ${name} `)).length;
  if (standing === rules.length) return "";
  return `expected ${rules.length} rules in ${name}, found ${standing}`;
}

/** How many packets each rule of the chain has met, in their order. */
export async function chainHits(
  program: IptablesProgram,
  chain: PacketChain,
  commands: Commands,
): Promise<number[]> {
  const text = await mustRunAsRoot(commands, inTable(program, chain, "-S", chain.name, "-v"));
  const rules = text.split("\n").filter((line) => line.startsWith(`-A ${chain.name} `));
  return rules.map((line) => Number(/ -c (\d+) /.exec(line)?.[1] ?? 0));
}

/** What stands in the chain's table. */
export async function standingLines(
  program: IptablesProgram,
  chain: PacketChain,
  commands: Commands,
): Promise<string[]> {
  return (await mustRunAsRoot(commands, inTable(program, chain, "-S"))).split("\n");
}

function inTable(
  program: IptablesProgram,
  { family, table }: PacketChain,
  ...args: readonly string[]
): string[] {
  return iptablesCommand(program, family, ...(table === undefined ? [] : ["-t", table]), ...args);
}

export function ruleArguments(rule: PacketRule, family: AddressFamily): string[] {
  const option = (name: string, value: string | undefined) =>
    value === undefined ? [] : [name, value];
  const match = (name: string, ...args: readonly string[]) => ["-m", name, ...args];
  const { mark, probability, comment } = rule;
  return [
    ...option("-p", rule.protocol),
    ...option("-s", rule.source),
    ...option("-d", rule.destination),
    ...option("-o", rule.outDevice),
    ...(rule.sourcePorts ? match("multiport", "--sports", rule.sourcePorts.join(",")) : []),
    ...(rule.destinationPorts
      ? match("multiport", "--dports", rule.destinationPorts.join(","))
      : []),
    ...(mark === undefined ? [] : match("mark", "--mark", String(mark))),
    ...(probability === undefined
      ? []
      : match("statistic", "--mode", "random", "--probability", String(probability))),
    ...target(rule, family),
    ...(comment === undefined ? [] : match("comment", "--comment", comment)),
  ];
}

function target({ verdict }: PacketRule, family: AddressFamily): string[] {
  if (typeof verdict === "object") {
    return ["-j", "NFQUEUE", "--queue-num", String(verdict.queue), "--queue-bypass"];
  }
  if (verdict === "drop") return ["-j", "DROP"];
  if (verdict === "return") return ["-j", "RETURN"];
  const unreachable = family === 4 ? "icmp-port-unreachable" : "icmp6-port-unreachable";
  return ["-j", "REJECT", "--reject-with", verdict === "tcp-reset" ? "tcp-reset" : unreachable];
}
