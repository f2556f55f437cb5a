// From the arguments to an exit code: routes to a command with citty, which loads it on demand.
// Ends nothing itself.

import { defineCommand, runCommand } from "citty";
import { TrogdorError } from "../core/trogdor-error.ts";
import { commit, version } from "../version.ts";
import type { Command } from "./command.ts";
import { readCommandLine } from "./command-line.ts";
import { type CommandEntry, commands, hiddenCommands } from "./commands.ts";
import { exitCodes } from "./exit-codes.ts";
import { helpText, overviewText, unknownCommand } from "./help.ts";
import type { ModeHost } from "./mode-host.ts";
import { reportError } from "./report-error.ts";
import { takeVerb } from "./verbs.ts";

export async function runCommandLine(args: readonly string[], host: ModeHost): Promise<number> {
  try {
    return await route(args, host);
  } catch (error) {
    return reportError(error, args[0], host);
  }
}

async function route(args: readonly string[], host: ModeHost): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined) {
    host.err.write(overviewText());
    return exitCodes.usage.code;
  }
  if (name === "--help" || name === "-h") {
    host.out.write(overviewText());
    return exitCodes.success.code;
  }
  if (name === "--version" || name === "-V") {
    host.out.write(`trogdor ${version} (${commit})\n`);
    return exitCodes.success.code;
  }
  if (name === "--java" || rest[0] === "--java") {
    const { runAsJava } = await import("./java-cli/run-as-java.ts");
    return await runAsJava(
      args.filter((_, index) => index > 1 || args[index] !== "--java"),
      host,
    );
  }
  if (name.startsWith("-")) throw new TrogdorError("usage", `Unknown option "${name}"`);
  const entry = [...commands, ...hiddenCommands].find((candidate) => candidate.name === name);
  if (entry === undefined) throw unknownCommand(name);
  return await runEntry(entry, rest, host);
}

/** citty hands back no result of a sub-command, so the exit code is kept on the side. */
async function runEntry(entry: CommandEntry, args: string[], host: ModeHost): Promise<number> {
  let exitCode: number = exitCodes.failed.code;
  const root = defineCommand({
    meta: { name: "trogdor" },
    subCommands: {
      [entry.name]: async () => {
        const command = await entry.load();
        return defineCommand({
          meta: { name: entry.name, description: entry.summary },
          run: async () => {
            exitCode = await runOne(command, args, host);
          },
        });
      },
    },
  });
  await runCommand(root, { rawArgs: [entry.name, ...args] });
  return exitCode;
}

async function runOne(whole: Command, args: readonly string[], host: ModeHost): Promise<number> {
  const { command, rest } = takeVerb(whole, args);
  const line = readCommandLine(command, rest);
  if (line.has("help")) {
    host.out.write(await helpText(command));
    return exitCodes.success.code;
  }
  if (command.verbs !== undefined) {
    host.err.write(await helpText(command));
    return exitCodes.usage.code;
  }
  return await command.run(line, host);
}
