// `--java`: the command line of the Java programs, for scripts and harnesses that were made for
// them. The same commands run, with Java's names only cut where they stay unique, its usage errors
// and its exit codes: 1 for every failure, for usage errors and for help.

import { TrogdorError } from "../../core/trogdor-error.ts";
import type { Command, CommandLine, OptionDefinition } from "../command.ts";
import { readCommandLine } from "../command-line.ts";
import { commands } from "../commands.ts";
import { exitCodes } from "../exit-codes.ts";
import { unknownCommand } from "../help.ts";
import type { ModeHost } from "../mode-host.ts";
import { reportError } from "../report-error.ts";
import { findVerb, verbNames } from "../verbs.ts";
import { flagName, javaHelp, javaUsage } from "./java-help.ts";
import { type JavaFlag, type JavaParser, type JavaVerb, javaParsers } from "./java-parsers.ts";

const javaFailure = exitCodes.failed.code;

export async function runAsJava(args: readonly string[], host: ModeHost): Promise<number> {
  const [name = "", ...rest] = args;
  const parser = javaParsers[name];
  const entry = commands.find((candidate) => candidate.name === name);
  if (parser === undefined || entry === undefined) throw unknownCommand(name);
  const command = await entry.load();
  if (parser.verbs !== undefined) return await runVerb(parser, command, rest, host);
  if (rest.length === 0) {
    host.out.write(javaHelp(parser));
    return exitCodes.success.code;
  }
  return await runLeaf(parser, undefined, withJavaFlags(command, parser.flags), rest, host);
}

async function runVerb(
  parser: JavaParser,
  command: Command,
  args: readonly string[],
  host: ModeHost,
): Promise<number> {
  const [name, ...rest] = args;
  if (name === "-h" || name === "--help") {
    host.out.write(javaHelp(parser));
    return javaFailure;
  }
  if (name === undefined) return usageError(parser, undefined, "too few arguments", host);
  const verbs = parser.verbs ?? [];
  const begun = verbs.filter((verb) => verb.name.startsWith(name));
  const verb =
    verbs.find((each) => each.name === name) ?? (begun.length === 1 ? begun[0] : undefined);
  if (verb === undefined && !verbNames(command).includes(name)) {
    const known = verbs.map((each) => `'${each.name}'`).join(", ");
    return usageError(parser, undefined, `invalid choice: '${name}' (choose from ${known})`, host);
  }
  return await runLeaf(parser, verb, findVerb(command, verb?.name ?? name), rest, host);
}

async function runLeaf(
  parser: JavaParser,
  verb: JavaVerb | undefined,
  command: Command,
  args: readonly string[],
  host: ModeHost,
): Promise<number> {
  const flags = verb?.flags ?? (parser.verbs === undefined ? parser.flags : []);
  let line: CommandLine;
  try {
    line = readCommandLine(command, args, { javaNames: flags.map(({ name }) => name) });
  } catch (error) {
    if (!(error instanceof TrogdorError) || error.code !== "usage") throw error;
    return usageError(parser, verb, error.message.split("\n")[0]!, host);
  }
  if (line.has("help")) {
    host.out.write(javaHelp(parser, verb));
    return javaFailure;
  }
  const missing = flags.find((flag) => flag.required && !line.has(ownName(command, flag)));
  if (missing !== undefined) {
    return usageError(parser, verb, `argument ${flagName(missing)} is required`, host);
  }
  return await runInJavaMode(command, line, host);
}

async function runInJavaMode(command: Command, line: CommandLine, host: ModeHost): Promise<number> {
  const asJava = { ...line, has: (name: string) => name === "java" || line.has(name) };
  let exitCode: number;
  try {
    exitCode = await runCommand(command, asJava, patientHost(host));
  } catch (error) {
    exitCode = reportError(error, undefined, host);
  }
  return exitCode === exitCodes.usage.code ? javaFailure : exitCode;
}

/**
 * Harnesses stop a daemon several times within seconds; a second SIGTERM must not cut short what
 * the first one began, the undoing of faults.
 */
function patientHost(host: ModeHost): ModeHost {
  return {
    ...host,
    onStopSignal(listener) {
      let wasTerminated = false;
      return host.onStopSignal((signal) => {
        if (signal === "SIGTERM" && wasTerminated) return;
        wasTerminated ||= signal === "SIGTERM";
        listener(signal);
      });
    },
  };
}

async function runCommand(command: Command, line: CommandLine, host: ModeHost): Promise<number> {
  if (command.name !== "agent" || !line.has("exec")) return await command.run(line, host);
  const { execAsJava } = await import("./exec-as-java.ts");
  return await execAsJava(
    {
      spec: line.value("exec") ?? "",
      configPath: line.value(ownName(command, { name: "agent.config", help: "" })) ?? "",
      node: line.value(ownName(command, { name: "node-name", help: "" })) ?? "",
    },
    host,
  );
}

/** The options that the Java program has and ours lacks. */
function withJavaFlags(command: Command, flags: readonly JavaFlag[]): Command {
  const added = flags
    .filter((flag) => findOption(command, flag.name) === undefined)
    .map(({ help, required: _, ...option }) => ({ ...option, description: help }));
  return { ...command, options: [...command.options, ...added] };
}

function ownName(command: Command, flag: JavaFlag): string {
  return findOption(command, flag.name)?.name ?? flag.name;
}

function findOption(command: Command, name: string): OptionDefinition | undefined {
  return command.options.find(
    (option) => option.name === name || option.aliases?.includes(name) === true,
  );
}

function usageError(
  parser: JavaParser,
  verb: JavaVerb | undefined,
  message: string,
  host: ModeHost,
): number {
  host.err.write(`${javaUsage(parser, verb)}${parser.program}: error: ${message}\n`);
  return javaFailure;
}
