// Which program sets packet rules on this node: iptables, whichever tables it is made for, else nft
// alone. Each is tried without changing anything; who has none hears what to install.

import { errorText, TrogdorError } from "../../core/trogdor-error.ts";
import type { Commands } from "../../platform/commands/commands.ts";
import { type IptablesProgram, iptablesCommand } from "./iptables.ts";
import type { AddressFamily } from "./packet-rule.ts";
import { asRoot, runAsRoot } from "./run-command.ts";

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
    if (isMissing(reason)) missing.push(program);
    else reasons.push(`${program}: ${reason}`);
  }
  const absent = missing.length === 0 ? [] : [`not installed: ${missing.join(", ")}`];
  const who = commands.isRoot ? "" : ` through ${asRoot(commands, []).join(" ")}`;
  throw new TrogdorError(
    "task",
    `packet rules cannot be used${who}: ${[...reasons, ...absent].join("; ")}; this fault needs ` +
      "root and iptables or nft (the package `iptables` or `nftables`)",
  );
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
  const { stdout } = await commands.run([program, "--version"]);
  return { program, name: stdout.includes("nf_tables") ? "iptables-nft" : "iptables-legacy" };
}

/** "" when the command succeeds, else what it said. */
export async function failureOf(commands: Commands, command: readonly string[]): Promise<string> {
  try {
    const { exitCode, stderr } = await runAsRoot(commands, command);
    if (exitCode === 0) return "";
    const said = stderr.trim().split("\n")[0] ?? "";
    return said === "" ? `${command.join(" ")} ended with exit code ${exitCode}` : said;
  } catch (error) {
    return errorText(error);
  }
}

/** As this process, sudo, and `ip netns exec` say it. */
function isMissing(reason: string): boolean {
  return /^Cannot run program|command not found|^exec of .* failed: No such file/.test(reason);
}
