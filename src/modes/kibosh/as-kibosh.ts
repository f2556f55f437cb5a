// `trogdor kibosh --target TARGET MIRROR`: Kibosh's own command line. Ends with 0 once the mirror
// is mounted in the background; every problem ends with 1, as there.

import { readLibfuseOptions } from "../../../kibosh/libfuse-options.ts";
import type { MountOptions } from "../../../kibosh/mount-options.ts";
import { mountInBackground } from "../../../kibosh/run-helper.ts";
import { errorText } from "../../core/trogdor-error.ts";
import type { Command, CommandLine } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import type { ModeHost } from "../mode-host.ts";
import { runInForeground } from "./foreground.ts";
import { mountCommandOptions, readMountOptions } from "./mount-command-options.ts";
import { helperPath, requireRoot } from "./mount-host.ts";

export const asKiboshCommand: Command = {
  name: "kibosh",
  summary: "Mount as Kibosh does.",
  operand: {
    name: "MIRROR",
    required: false,
    repeatable: true,
    description: "The folder to mount on.",
    completes: "files",
  },
  options: [
    ...mountCommandOptions,
    { name: "foreground", short: "f", description: "Stay in the foreground." },
    { name: "single-threaded", short: "s", description: "Serve with one thread." },
    { name: "debug", short: "d", description: "Stay in the foreground and log every operation." },
    {
      name: "option",
      short: "o",
      value: "OPT",
      repeatable: true,
      description: "ro, direct_io, nonempty, fsname=NAME, attr_timeout=SEC and the like.",
    },
    { name: "fuse-help", description: "Show this help." },
  ],
  examples: [{ line: "trogdor kibosh --target /data /mirror", does: "show /data under /mirror" }],
  async run(line, host) {
    try {
      return await mountAsKibosh(line, host);
    } catch (error) {
      host.err.write(`kibosh: ${errorText(error)}\n`);
      return exitCodes.failed.code;
    }
  },
};

async function mountAsKibosh(line: CommandLine, host: ModeHost): Promise<number> {
  const { options: libfuse, problems } = readLibfuseOptions(line.values("option"));
  const target = line.value("target");
  const [mountpoint, extra] = line.operands;
  const mistakes = [...problems];
  if (target === undefined) mistakes.push("--target is missing: the folder that the mirror shows");
  if (mountpoint === undefined) mistakes.push("MIRROR is missing: the folder to mount on");
  if (extra !== undefined) mistakes.push(`Unexpected argument "${extra}"`);
  if (mistakes.length > 0 || target === undefined || mountpoint === undefined) {
    throw new Error(mistakes.join("\n"));
  }
  requireRoot();
  const options: MountOptions = {
    ...readMountOptions(line),
    ...libfuse,
    target,
    mountpoint,
    verbose: line.has("verbose") || line.has("debug"),
    threads: line.has("single-threaded") ? 1 : undefined,
  };
  if (line.has("foreground") || line.has("debug")) return await runInForeground(options, host);
  await mountInBackground(helperPath(), options);
  return exitCodes.success.code;
}
