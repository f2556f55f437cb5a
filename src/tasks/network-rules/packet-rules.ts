// The packet rules of one worker, set by whichever program the node has for it.

import type { Commands } from "../../platform/commands/commands.ts";
import { undoAll } from "../undo-all.ts";
import * as iptables from "./iptables.ts";
import * as nft from "./nft.ts";
import type { PacketChain } from "./packet-rule.ts";
import type { PacketTool } from "./packet-tool.ts";
import { mustRunAsRoot } from "./run-command.ts";

/** Plain JSON: it stands in the plan of a fault. */
export interface PacketRules {
  readonly tool: PacketTool;
  /** The worker's own name; nft's table has it. */
  readonly name: string;
  readonly chains: readonly PacketChain[];
}

export function applyCommands({ tool, name, chains }: PacketRules): string[][] {
  const { program } = tool;
  if (program === "nft") return chains.length === 0 ? [] : nft.applyCommands(name, chains);
  return chains.flatMap((chain) => iptables.applyCommands(program, chain));
}

export function undoCommands({ tool, name, chains }: PacketRules): string[][] {
  const { program } = tool;
  if (program === "nft") return chains.length === 0 ? [] : [nft.undoCommand(name)];
  return chains.flatMap((chain) => iptables.undoCommands(program, chain));
}

/** Whether the kernel would take them, as far as that can be asked without a change. */
export async function checkRules(rules: PacketRules, commands: Commands): Promise<void> {
  if (rules.tool.program !== "nft" || rules.chains.length === 0) return;
  await nft.checkRules(rules.name, rules.chains, commands);
}

export async function applyRules(rules: PacketRules, commands: Commands): Promise<void> {
  for (const command of applyCommands(rules)) await mustRunAsRoot(commands, command);
}

/** Removes what is there of them; nothing there is fine. */
export async function removeRules(rules: PacketRules, commands: Commands): Promise<void> {
  const { program } = rules.tool;
  if (program === "nft") {
    for (const command of undoCommands(rules)) await mustRunAsRoot(commands, command);
    return;
  }
  await undoAll(rules.chains.map((chain) => () => iptables.removeChain(program, chain, commands)));
}

/** "" when all rules are in force, else what was expected and what was seen. */
export async function rulesProblem(rules: PacketRules, commands: Commands): Promise<string> {
  const { tool, name, chains } = rules;
  const { program } = tool;
  if (program === "nft") {
    return chains.length === 0 ? "" : await nft.tableProblem(name, chains, commands);
  }
  for (const chain of chains) {
    const problem = await iptables.chainProblem(program, chain, commands);
    if (problem !== "") return problem;
  }
  return "";
}

/** How many packets each rule has met, in the order of the chains. */
export async function rulesHits(rules: PacketRules, commands: Commands): Promise<number[][]> {
  const { tool, name, chains } = rules;
  const { program } = tool;
  if (program === "nft") return await nft.tableHits(name, chains, commands);
  const hits: number[][] = [];
  for (const chain of chains) hits.push(await iptables.chainHits(program, chain, commands));
  return hits;
}
