// Packet rules by nft alone, for nodes without iptables: all chains of a worker stand in one table
// of its own, which goes as a whole. A chain of ours sees every packet whatever the rules of other
// tables accept, so it needs no place in front of them.

import { TrogdorError } from "../../core/trogdor-error.ts";
import type { Commands } from "../../platform/commands/commands.ts";
import type { AddressFamily, PacketChain, PacketRule } from "./packet-rule.ts";
import { mustRunAsRoot, runAsRoot } from "./run-command.ts";

/** Before the chains of the table `filter`, and those of `mangle`. */
const filterPriority = -10;
const manglePriority = -160;
/** One command is one transaction, and no longer than an argument may be. */
const rulesInACommand = 200;
/** As fine as the chance of iptables. */
const chanceSteps = 2 ** 31;

export function applyCommands(table: string, chains: readonly PacketChain[]): string[][] {
  const hooks = new Map(chains.map((chain) => [chain.hook, chain]));
  const frame = [
    `add table inet ${table}`,
    ...[...hooks.values()].map((chain) => {
      const name = baseChain(chain);
      return `add chain inet ${table} ${name} { ${hookText(chain)} policy accept; }`;
    }),
  ];
  const rules = chains.flatMap((chain) =>
    chain.rules.map(
      (rule) => `add rule inet ${table} ${baseChain(chain)} ${ruleText(rule, chain.family)}`,
    ),
  );
  const commands: string[][] = [];
  for (let at = 0; at === 0 || at < rules.length; at += rulesInACommand) {
    const statements = [...(at === 0 ? frame : []), ...rules.slice(at, at + rulesInACommand)];
    commands.push(["nft", statements.join("; ")]);
  }
  return commands;
}

/** Works as well when there is no such table, and is one transaction. */
export function undoCommand(table: string): string[] {
  return ["nft", `add table inet ${table}; delete table inet ${table}`];
}

/** Whether the kernel would take the rules; changes nothing. */
export async function checkRules(
  table: string,
  chains: readonly PacketChain[],
  commands: Commands,
): Promise<void> {
  const [first = []] = applyCommands(table, chains);
  await mustRunAsRoot(commands, ["nft", "-c", ...first.slice(1)]);
}

/** "" when the chains are in force, else what was expected and what was seen. */
export async function tableProblem(
  table: string,
  chains: readonly PacketChain[],
  commands: Commands,
): Promise<string> {
  const lines = await standingLines(table, commands);
  if (lines === undefined) return `expected the table inet ${table}, found none`;
  if (lines.some((line) => line.startsWith("flags ") && line.includes("dormant"))) {
    return `expected the table inet ${table} to be in force, found it dormant`;
  }
  const found = rulesOf(lines);
  for (const chain of chains) {
    const name = baseChain(chain);
    const standing = found.get(name);
    if (standing?.[0]?.startsWith(hookText(chain)) !== true) {
      return `expected the chain ${name} at ${chain.hook} in ${table}, found none`;
    }
    const wanted = chains.filter((one) => one.hook === chain.hook).flatMap((one) => one.rules);
    const count = standing.length - 1;
    if (count !== wanted.length) {
      return `expected ${wanted.length} rules in ${name} of ${table}, found ${count}`;
    }
  }
  return "";
}

/** How many packets each rule has met, in the order of the chains. */
export async function tableHits(
  table: string,
  chains: readonly PacketChain[],
  commands: Commands,
): Promise<number[][]> {
  const found = rulesOf((await standingLines(table, commands)) ?? []);
  const read = new Map<string, number>();
  return chains.map((chain) => {
    const name = baseChain(chain);
    const from = 1 + (read.get(name) ?? 0);
    read.set(name, from - 1 + chain.rules.length);
    const rules = (found.get(name) ?? []).slice(from, from + chain.rules.length);
    return rules.map((line) => Number(/ counter packets (\d+) /.exec(line)?.[1] ?? 0));
  });
}

/** Undefined when there is no such table. */
async function standingLines(table: string, commands: Commands): Promise<string[] | undefined> {
  const list = ["nft", "-nn", "list", "table", "inet", table];
  const { exitCode, stdout, stderr } = await runAsRoot(commands, list);
  if (exitCode === 0) return stdout.split("\n").map((line) => line.trim());
  if (stderr.includes("No such file or directory")) return undefined;
  throw new TrogdorError("task", `${list.join(" ")} failed: ${stderr.trim().split("\n")[0]}`);
}

/** Chain name to its lines: how it is hooked, then its rules. */
function rulesOf(lines: readonly string[]): Map<string, string[]> {
  const chains = new Map<string, string[]>();
  let chain: string[] = [];
  for (const line of lines) {
    const name = /^chain (\S+) \{$/.exec(line)?.[1];
    if (name === undefined) {
      if (line !== "" && line !== "}") chain.push(line);
    } else {
      chain = [];
      chains.set(name, chain);
    }
  }
  return chains;
}

function baseChain({ hook }: PacketChain): string {
  return hook.toLowerCase();
}

function hookText({ hook, table }: PacketChain): string {
  const priority = table === "mangle" ? manglePriority : filterPriority;
  return `type filter hook ${hook.toLowerCase()} priority ${priority};`;
}

export function ruleText(rule: PacketRule, family: AddressFamily): string {
  const { protocol, sourcePorts, destinationPorts, mark, probability, comment } = rule;
  const address = family === 4 ? "ip" : "ip6";
  const ports = (side: string, numbers: readonly number[] | undefined) =>
    numbers === undefined ? [] : [`${protocol ?? "tcp"} ${side} { ${numbers.join(", ")} }`];
  const hasPorts = sourcePorts !== undefined || destinationPorts !== undefined;
  return [
    `meta nfproto ipv${family}`,
    ...(protocol === undefined || hasPorts ? [] : [`meta l4proto ${protocol}`]),
    ...(rule.source === undefined ? [] : [`${address} saddr ${rule.source}`]),
    ...(rule.destination === undefined ? [] : [`${address} daddr ${rule.destination}`]),
    ...(rule.outDevice === undefined ? [] : [`oifname ${quoted(rule.outDevice)}`]),
    ...ports("sport", sourcePorts),
    ...ports("dport", destinationPorts),
    ...(mark === undefined ? [] : [`meta mark ${mark}`]),
    ...(probability === undefined ? [] : [chance(probability)]),
    "counter",
    statement(rule, family),
    ...(comment === undefined ? [] : [`comment ${quoted(comment)}`]),
  ].join(" ");
}

function chance(probability: number): string {
  const hits = Math.max(1, Math.round(probability * chanceSteps));
  return `numgen random mod ${chanceSteps} < ${hits}`;
}

function statement({ verdict }: PacketRule, family: AddressFamily): string {
  if (typeof verdict === "object") return `queue num ${verdict.queue} bypass`;
  if (verdict === "drop" || verdict === "return") return verdict;
  if (verdict === "tcp-reset") return "reject with tcp reset";
  return `reject with ${family === 4 ? "icmp" : "icmpv6"} type port-unreachable`;
}

/** The language knows no way to write a quote in a text. */
function quoted(text: string): string {
  return `"${text.replace(/[^\x20-\x7e]|["\\]/g, "_").slice(0, 120)}"`;
}
