// `trogdor kibosh mount` and `umount`: our own form. It stays in the foreground unless told
// otherwise, and mounts again without faults when its file system's process is killed.

import { mountInBackground, unmount } from "../../../kibosh/run-helper.ts";
import { TrogdorError } from "../../core/trogdor-error.ts";
import type { Command, CommandLine } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { runInForeground } from "./foreground.ts";
import { mountCommandOptions, readMountOptions } from "./mount-command-options.ts";
import { helperPath, mountOf, mountOperand, requireRoot } from "./mount-host.ts";

export const mountVerb: Command = {
  name: "mount",
  summary: "Mount a folder, on another one or over itself, and serve it.",
  operand: {
    name: "PATH",
    usage: "TARGET MOUNTPOINT",
    required: true,
    repeatable: true,
    description: "The folder to show and the folder to mount on, which may be the same.",
    completes: "files",
  },
  options: [
    ...mountCommandOptions,
    { name: "daemon", description: "Return once it is mounted and serve in the background." },
    {
      name: "cached",
      description: "Use the kernel's page cache; counted faults then see fewer operations.",
    },
    {
      name: "passthrough",
      description:
        "Let the kernel read and write by itself in files that are opened while no fault is set " +
        "for reads and writes; faults set later do not reach those.",
    },
    { name: "nonempty", description: "Mount on a folder that is not empty." },
    { name: "read-only", description: "Allow no changes." },
    {
      name: "track-unsynced",
      description: "Remember what is not synced, so that a crash can lose it.",
    },
  ],
  examples: [
    {
      line: "trogdor kibosh mount /var/lib/kafka /var/lib/kafka",
      does: "mount over a data folder; Ctrl-C unmounts",
    },
    {
      line: "trogdor kibosh mount --target /data /mnt/data --daemon",
      does: "the same in the background",
    },
  ],
  async run(line, host) {
    const places = placesOf(line);
    requireRoot();
    const options = {
      ...readMountOptions(line),
      ...places,
      cached: line.has("cached"),
      passthrough: line.has("passthrough"),
      nonempty: line.has("nonempty"),
      readOnly: line.has("read-only"),
      trackUnsynced: line.has("track-unsynced"),
      remount: true,
    };
    if (!line.has("daemon")) return await runInForeground(options, host);
    await mountInBackground(helperPath(), options);
    return exitCodes.success.code;
  },
};

function placesOf(line: CommandLine): { readonly target: string; readonly mountpoint: string } {
  const target = line.value("target");
  const [first, second, third] = line.operands;
  if (target !== undefined && first !== undefined && second === undefined) {
    return { target, mountpoint: first };
  }
  if (target === undefined && first !== undefined && second !== undefined && third === undefined) {
    return { target: first, mountpoint: second };
  }
  throw new TrogdorError(
    "usage",
    "Expected two folders: trogdor kibosh mount TARGET MOUNTPOINT, or --target TARGET MOUNTPOINT",
  );
}

export const umountVerb: Command = {
  name: "umount",
  aliases: ["unmount"],
  summary: "Unmount; a mount with open files leaves the tree and ends with the last of them.",
  operand: mountOperand,
  options: [],
  examples: [{ line: "trogdor kibosh umount /var/lib/kafka", does: "end the mount" }],
  async run(line, host) {
    const said = await unmount(helperPath(), mountOf(line));
    if (said !== "") host.err.write(`${said}\n`);
    return exitCodes.success.code;
  },
};
