// Commands that have verbs, as `trogdor client tasks`: the first argument that is no option selects
// one. Each verb is a command of its own, with the options of the whole behind its own.

import { didYouMean } from "../core/nearest-names.ts";
import { TrogdorError } from "../core/trogdor-error.ts";
import { type Command, helpOption } from "./command.ts";

/** The command itself when it has no verbs, else each verb as a whole command. */
export function leafCommands(command: Command): readonly Command[] {
  return command.verbs?.map((verb) => verbCommand(command, verb)) ?? [command];
}

export interface TakenVerb {
  readonly command: Command;
  /** The arguments without the verb. */
  readonly rest: readonly string[];
}

/** The command with verbs itself comes back when no verb is there. */
export function takeVerb(command: Command, args: readonly string[]): TakenVerb {
  if (command.verbs === undefined) return { command, rest: args };
  const at = verbIndex(command, args);
  const name = args[at];
  const { withoutVerb } = command;
  if (withoutVerb !== undefined && args.length > 0 && !isVerb(command, name)) {
    return isHelp(args) ? { command, rest: args } : { command: withoutVerb, rest: args };
  }
  if (name === undefined) return { command, rest: args };
  return { command: findVerb(command, name), rest: args.toSpliced(at, 1) };
}

function isVerb(command: Command, name: string | undefined): boolean {
  return name !== undefined && verbNames(command).includes(name);
}

function isHelp([first]: readonly string[]): boolean {
  return first === "--help" || first === "-h";
}

/** Every name that selects a verb. */
export function verbNames({ verbs = [] }: Command): readonly string[] {
  return verbs.flatMap((each) => [each.name, ...(each.aliases ?? [])]);
}

export function findVerb(command: Command, name: string): Command {
  const { verbs = [] } = command;
  const verb = verbs.find((each) => each.name === name || each.aliases?.includes(name));
  if (verb !== undefined) return verbCommand(command, verb);
  const names = verbNames(command);
  const shown = verbs.map((each) => each.name).join(", ");
  const near = didYouMean(name, names) || (shown === "" ? "" : `; the verbs are ${shown}`);
  throw new TrogdorError("usage", `Unknown verb "${name}" of ${command.name}${near}`);
}

function verbCommand(command: Command, verb: Command): Command {
  return {
    ...verb,
    name: `${command.name} ${verb.name}`,
    options: [...verb.options, ...command.options],
  };
}

function verbIndex(command: Command, args: readonly string[]): number {
  let at = 0;
  for (; at < args.length; at += 1) {
    const arg = args[at]!;
    if (!arg.startsWith("-") || arg === "-") break;
    if (takesNext(command, arg)) at += 1;
  }
  return at;
}

/** `--target` and `-t` are followed by their value; `--target=x` and `-tx` hold it. */
function takesNext(command: Command, arg: string): boolean {
  const others = command.withoutVerb?.options ?? [];
  return [...command.options, ...others, helpOption].some(
    ({ name, short, aliases = [], value }) =>
      value !== undefined &&
      [`-${short}`, ...[name, ...aliases].map((each) => `--${each}`)].includes(arg),
  );
}
