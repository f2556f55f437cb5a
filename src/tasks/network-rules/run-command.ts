// Commands that change the node's network: as root, and with an error where they fail.

import { TrogdorError } from "../../core/trogdor-error.ts";
import type { CommandResult, Commands } from "../../platform/commands/commands.ts";

/** The command as it is run: through sudo, which must not ask, when this process is not root. */
export function asRoot(commands: Commands, command: readonly string[]): readonly string[] {
  return commands.isRoot ? command : ["sudo", "-n", ...command];
}

export async function runAsRoot(
  commands: Commands,
  command: readonly string[],
): Promise<CommandResult> {
  return await commands.run(asRoot(commands, command));
}

/** Answers what it printed; a failure is the command and what it said about it. */
export async function mustRunAsRoot(
  commands: Commands,
  command: readonly string[],
): Promise<string> {
  const { exitCode, stdout, stderr } = await runAsRoot(commands, command);
  if (exitCode === 0) return stdout;
  const said = stderr.trim().split("\n")[0] ?? "";
  const why = said === "" ? `exit code ${exitCode}` : said;
  throw new TrogdorError("task", `${command.join(" ")} failed: ${why}`);
}
