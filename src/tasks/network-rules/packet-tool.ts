// Which program sets packet rules on this node: iptables, whichever tables it is made for, else nft
// alone. Each is tried without changing anything; who has none hears what to install.

import { errorText, TrogdorError } from "../../core/trogdor-error.ts";
import type { Commands } from "../../platform/commands/commands.ts";
import { type IptablesProgram, iptablesCommand } from "./iptables.ts";
import type { AddressFamily } from "./packet-rule.ts";
import { mustRunAsRoot } from "./run-command.ts";

/** Plain JSON: it stands in the plan of a fault. */
export interface PacketTool {
  readonly program: IptablesProgram | "nft";
  /** For people: `iptables` alone does not say which tables it is made for. */
  readonly name: "iptables-nft" | "iptables-legacy" | "nft";
}

const programs = ["iptables", "iptables-nft", "iptables-legacy", "nft"] as const;

/** More than looking: whether the program can do what is needed; "" or why not. */
export type TryTool = (program: PacketTool["program"]) => Promise<string>;

/** Throws one sentence when the node cannot have such rules for all these families. */
export async function choosePacketTool(
  families: readonly AddressFamily[],
  commands: Commands,
  tryTool: TryTool = async () => "",
): Promise<PacketTool> {
  // Nothing to set needs no program.
  if (families.length === 0) return { program: "iptables", name: "iptables-nft" };
  const reasons: string[] = [];
  const missing: string[] = [];
  for (const program of programs) {
    const tried = await tryAll(program, families, commands);
    const reason = tried === "" ? await tryTool(program) : tried;
    if (reason === "") return await named(program, commands);
    if (reason.includes(" needs root ")) {
      throw new TrogdorError("task", `packet rules cannot be used: ${reason}`);
    }
    if (isMissing(reason)) missing.push(program);
    else reasons.push(`${program}: ${reason}`);
  }
  const absent = missing.length === 0 ? [] : [`not installed: ${missing.join(", ")}`];
  throw new TrogdorError(
    "task",
    `packet rules cannot be used: ${[...reasons, ...absent].join("; ")}; this fault needs ` +
      "root and iptables or nft (the package `iptables` or `nftables`)",
  );
}

/** For whatever comes: of both families, or of IPv4 alone where a node has no IPv6. */
export async function forAllFamilies(
  choose: (families: readonly AddressFamily[]) => Promise<PacketTool>,
): Promise<{ readonly tool: PacketTool; readonly families: readonly AddressFamily[] }> {
  try {
    return { tool: await choose([4, 6]), families: [4, 6] };
  } catch {
    return { tool: await choose([4]), families: [4] };
  }
}

async function tryAll(
  program: PacketTool["program"],
  families: readonly AddressFamily[],
  commands: Commands,
): Promise<string> {
  if (program === "nft") return await failureOf(commands, ["nft", "list", "tables", "inet"]);
  for (const family of families) {
    const why = await failureOf(commands, iptablesCommand(program, family, "-S", "INPUT"));
    if (why !== "") return why;
  }
  return "";
}

async function named(program: PacketTool["program"], commands: Commands): Promise<PacketTool> {
  if (program !== "iptables") return { program, name: program };
  // Not every account has its folder in PATH; root has.
  const stdout = await mustRunAsRoot(commands, [program, "--version"]);
  return { program, name: stdout.includes("nf_tables") ? "iptables-nft" : "iptables-legacy" };
}

/** "" when the command succeeds, else why it does not. */
export async function failureOf(commands: Commands, command: readonly string[]): Promise<string> {
  try {
    await mustRunAsRoot(commands, command);
    return "";
  } catch (error) {
    return errorText(error);
  }
}

/** As this process and sudo say it. */
function isMissing(reason: string): boolean {
  return /^Cannot run program|command not found/.test(reason);
}
