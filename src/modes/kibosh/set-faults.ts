// `trogdor kibosh set`, `clear` and `crash`: put a control document into force.

import { controlDocumentProblems, documentSizeBytesMax } from "../../../kibosh/control-document.ts";
import { clearFaults, crash, writeControl } from "../../../kibosh/mounted.ts";
import { TrogdorError } from "../../core/trogdor-error.ts";
import type { Command } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import type { ModeHost } from "../mode-host.ts";
import { mountOf, mountOperand } from "./mount-host.ts";

export const setVerb: Command = {
  name: "set",
  summary: "Set the faults of a mount; it replaces those that were set.",
  operand: {
    name: "MOUNT",
    usage: "MOUNT FILE|JSON",
    required: true,
    repeatable: true,
    description:
      "The folder that is mounted, and a file, JSON (anything that begins with {), or - for " +
      "standard input.",
    completes: "files",
  },
  options: [],
  examples: [
    { line: "trogdor kibosh set /mnt/data faults.json", does: "set the faults of a file" },
    {
      line: `trogdor kibosh set /mnt/data '{"faults":[{"type":"read_only"}]}'`,
      does: "refuse every change",
    },
  ],
  async run(line, host) {
    const [mountpoint, source, extra] = line.operands;
    if (mountpoint === undefined || source === undefined || extra !== undefined) {
      throw new TrogdorError("usage", "Expected a mount and faults: set MOUNT FILE|JSON");
    }
    const text = await readDocument(source, host);
    const problems = controlDocumentProblems(text);
    if (problems.length > 0) {
      throw new TrogdorError("spec", "The faults are not valid; nothing was changed", { problems });
    }
    await writeControl(mountpoint, text);
    return exitCodes.success.code;
  },
};

async function readDocument(source: string, host: ModeHost): Promise<string> {
  if (/^\s*\{/.test(source)) return source;
  if (source === "-") {
    return new TextDecoder().decode(await host.readInput(documentSizeBytesMax));
  }
  const file = Bun.file(source);
  if (!(await file.exists())) {
    throw new TrogdorError("spec", `"${source}" is no file, and JSON would begin with {`);
  }
  return await file.text();
}

export const clearVerb: Command = {
  name: "clear",
  summary: "End all faults of a mount.",
  operand: mountOperand,
  options: [],
  examples: [{ line: "trogdor kibosh clear /mnt/data", does: "end them" }],
  async run(line) {
    await clearFaults(mountOf(line));
    return exitCodes.success.code;
  },
};

export const crashVerb: Command = {
  name: "crash",
  summary: "Lose everything that is not synced, as a power failure would.",
  details: [
    "Needs a mount that tracks it: one with a lose_unsynced fault, or mounted with " +
      "--track-unsynced. Files that are open answer EIO from then on.",
  ],
  operand: mountOperand,
  options: [],
  examples: [{ line: "trogdor kibosh crash /mnt/data", does: "lose it" }],
  async run(line) {
    await crash(mountOf(line));
    return exitCodes.success.code;
  },
};
