// A chain of iptables rules that belongs to one worker: `TROGDOR-<worker id>`, jumped to from the
// front of a built-in chain, so that an earlier rule that accepts cannot hide it. What stands in
// the kernel is read with iptables-save, never guessed.

import { TrogdorError } from "../../core/trogdor-error.ts";
import type { Commands } from "../../platform/commands/commands.ts";
import { asRoot, mustRunAsRoot } from "./run-command.ts";

export type AddressFamily = 4 | 6;

/** Plain JSON: it stands in the plan of a fault. */
export interface PacketChain {
  readonly name: string;
  readonly hook: "INPUT" | "OUTPUT" | "POSTROUTING";
  /** The table `filter` unless it says another one. */
  readonly table?: "mangle";
  readonly family: AddressFamily;
  /** The arguments of each rule behind `-A <chain>`. */
  readonly rules: readonly (readonly string[])[];
}

const prefix = "TROGDOR-";
/** iptables takes no longer name. */
const nameLengthMax = 28;

export function chainName(workerId: bigint): string {
  const name = `${prefix}${workerId}`;
  if (name.length > nameLengthMax) throw new Error(`chain name ${name} is too long`);
  return name;
}

/** Waits for whoever else holds the tables' lock. */
const lockWait = ["-w", "5"];

export function iptables(family: AddressFamily, ...args: readonly string[]): string[] {
  return [family === 4 ? "iptables" : "ip6tables", ...lockWait, ...args];
}

export function applyCommands(chain: PacketChain): string[][] {
  const { name, hook, rules } = chain;
  return [
    inTable(chain, "-N", name),
    ...rules.map((rule) => inTable(chain, "-A", name, ...rule)),
    inTable(chain, "-I", hook, "1", "-j", name),
  ];
}

export function undoCommands(chain: PacketChain): string[][] {
  const { name, hook } = chain;
  return [
    inTable(chain, "-D", hook, "-j", name),
    inTable(chain, "-F", name),
    inTable(chain, "-X", name),
  ];
}

function inTable({ family, table }: PacketChain, ...args: readonly string[]): string[] {
  return iptables(family, ...(table === undefined ? [] : ["-t", table]), ...args);
}

export async function applyChain(chain: PacketChain, commands: Commands): Promise<void> {
  for (const command of applyCommands(chain)) await mustRunAsRoot(commands, command);
}

/** Removes what is there of it; nothing there is fine. */
export async function removeChain(chain: PacketChain, commands: Commands): Promise<void> {
  const { name, hook } = chain;
  const lines = await savedRules(chain, commands);
  const jumps = lines.filter((line) => line === `-A ${hook} -j ${name}`);
  for (const _ of jumps) {
    await mustRunAsRoot(commands, inTable(chain, "-D", hook, "-j", name));
  }
  if (!lines.some((line) => line.startsWith(`:${name} `))) return;
  await mustRunAsRoot(commands, inTable(chain, "-F", name));
  await mustRunAsRoot(commands, inTable(chain, "-X", name));
}

/** "" when the chain is in force, else what was expected and what was seen. */
export async function chainProblem(chain: PacketChain, commands: Commands): Promise<string> {
  const { name, hook, rules } = chain;
  const lines = await savedRules(chain, commands);
  const hooked = lines.filter((line) => line.startsWith(`-A ${hook} `));
  // Jumps of other faults of ours may stand in front: they drop or pass on, they never accept.
  const first = hooked.findIndex((line) => !line.startsWith(`-A ${hook} -j ${prefix}`));
  const front = first < 0 ? hooked : hooked.slice(0, first);
  if (!front.includes(`-A ${hook} -j ${name}`)) {
    const seen = hooked[0] === undefined ? "no rule" : `"${hooked[0]}"`;
    return `expected ${hook} to begin with a jump to ${name}, found ${seen}`;
  }
  const standing = lines.filter((line) => line.startsWith(`-A ${name} `)).length;
  if (standing === rules.length) return "";
  return `expected ${rules.length} rules in ${name}, found ${standing}`;
}

async function savedRules({ family, table }: PacketChain, commands: Commands): Promise<string[]> {
  const program = family === 4 ? "iptables-save" : "ip6tables-save";
  const output = await mustRunAsRoot(commands, [program, "-t", table ?? "filter"]);
  return output.split("\n");
}

/** Throws one sentence when the node cannot have such rules. */
export async function checkPacketRules(family: AddressFamily, commands: Commands): Promise<void> {
  const command = iptables(family, "-S", "INPUT");
  try {
    await mustRunAsRoot(commands, command);
  } catch (error) {
    const who = commands.isRoot ? "" : ` through ${asRoot(commands, []).join(" ")}`;
    const hint = "this fault needs root and iptables (the package `iptables`)";
    const why = error instanceof Error ? error.message : String(error);
    throw new TrogdorError("task", `packet rules cannot be used${who}: ${why}; ${hint}`, {
      cause: error,
    });
  }
}
