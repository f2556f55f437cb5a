// Commands that change the node's network: as root, and with an error where they fail.

import { errorText, TrogdorError } from "../../core/trogdor-error.ts";
import type { CommandResult, Commands } from "../../platform/commands/commands.ts";

/** The command as it is run: through sudo, which must not ask, when this process is not root. */
export function asRoot(commands: Commands, command: readonly string[]): readonly string[] {
  return commands.isRoot ? command : ["sudo", "-n", ...command];
}

/** As one would type it. */
export function commandText(command: readonly string[]): string {
  const word = (text: string) => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text}'`);
  return command.map(word).join(" ");
}

/** Programs that may be missing, and what brings them. */
const packages: Readonly<Record<string, string>> = {
  ip: "iproute2",
  tc: "iproute2",
  iptables: "iptables",
  nft: "nftables",
  unshare: "util-linux",
};

export async function runAsRoot(
  commands: Commands,
  command: readonly string[],
): Promise<CommandResult> {
  try {
    return await commands.run(asRoot(commands, command));
  } catch (error) {
    const why = errorText(error);
    if (why.startsWith('Cannot run program "sudo"')) throw needsRoot(command, "there is no sudo");
    const hint = packages[/^Cannot run program "(\w+)"/.exec(why)?.[1] ?? ""];
    if (hint === undefined) throw error;
    throw new TrogdorError("task", `${why}; the package \`${hint}\` has it`, { cause: error });
  }
}

/** Answers what it printed; a failure is the command and what it said about it. */
export async function mustRunAsRoot(
  commands: Commands,
  command: readonly string[],
): Promise<string> {
  const { exitCode, stdout, stderr } = await runAsRoot(commands, command);
  if (exitCode === 0) return stdout;
  const said = stderr.trim().split("\n")[0] ?? "";
  const isRefused = !commands.isRoot && said.startsWith("sudo:") && !isMissing(said);
  if (isRefused) throw needsRoot(command, said);
  const hint = isMissing(said) ? packages[command[0] ?? ""] : undefined;
  const why = said === "" ? `exit code ${exitCode}` : said;
  const more = hint === undefined ? "" : `; the package \`${hint}\` has it`;
  throw new TrogdorError("task", `${command.join(" ")} failed: ${why}${more}`);
}

function isMissing(said: string): boolean {
  return said.includes("command not found");
}

function needsRoot(command: readonly string[], why: string): TrogdorError {
  return new TrogdorError(
    "task",
    `"${command.join(" ")}" needs root (${why}): run this as root, or let sudo run it without a ` +
      "password",
  );
}
