// The options of both forms of mounting, and what they come to.

import type { MountOptions } from "../../../kibosh/mount-options.ts";
import { TrogdorError } from "../../core/trogdor-error.ts";
import type { CommandLine, OptionDefinition } from "../command.ts";

export const mountCommandOptions: readonly OptionDefinition[] = [
  {
    name: "target",
    value: "PATH",
    description: "The folder that the mount shows.",
    completes: "files",
  },
  {
    name: "pidfile",
    value: "FILE",
    description: "Write the pid of the process whose end ends everything; removed at the end.",
    completes: "files",
  },
  {
    name: "log",
    value: "FILE",
    description: "Log to this file, which is emptied first.",
    completes: "files",
  },
  {
    name: "control-mode",
    value: "MODE",
    description: "Octal mode of kibosh_control; 600 unless given.",
  },
  {
    name: "random-seed",
    value: "N",
    description: "Makes every random decision repeatable; the log and status say which was used.",
  },
  { name: "verbose", short: "v", description: "Log every operation." },
];

export function readMountOptions(line: CommandLine): Omit<MountOptions, "target" | "mountpoint"> {
  const controlMode = line.value("control-mode");
  const randomSeed = line.value("random-seed");
  const mistakes: string[] = [];
  if (controlMode !== undefined && !/^0?[0-7]{1,3}$/.test(controlMode)) {
    mistakes.push(`--control-mode is "${controlMode}", expected an octal mode such as 600`);
  }
  if (randomSeed !== undefined && !/^\d{1,19}$/.test(randomSeed)) {
    mistakes.push(`--random-seed is "${randomSeed}", expected a whole number`);
  }
  if (mistakes.length > 0) throw new TrogdorError("usage", mistakes.join("\n"));
  return {
    pidfile: line.value("pidfile"),
    log: line.value("log"),
    controlMode,
    randomSeed,
    verbose: line.has("verbose"),
  };
}
