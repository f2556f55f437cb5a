// Commands on the real node.

import { TrogdorError } from "../../core/trogdor-error.ts";
import type { CommandResult, Commands } from "./commands.ts";

const timeoutMs = 10_000;
const outputSizeBytesMax = 1024 * 1024;

export const realCommands: Commands = {
  isRoot: process.getuid?.() === 0,
  run,
};

async function run(command: readonly string[]): Promise<CommandResult> {
  const child = start(command);
  const [stdout, stderr, exitCode] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  if (child.signalCode !== null) {
    const seconds = timeoutMs / 1000;
    const why = child.signalCode === "SIGKILL" ? ` (it has ${seconds} s)` : "";
    throw new TrogdorError("task", `${command.join(" ")} ended by ${child.signalCode}${why}`);
  }
  return { exitCode, stdout, stderr };
}

function start(command: readonly string[]) {
  try {
    return Bun.spawn([...command], {
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
      timeout: timeoutMs,
      killSignal: "SIGKILL",
      maxBuffer: outputSizeBytesMax,
      env: { ...process.env, LC_ALL: "C", BUN_BE_BUN: undefined, BUN_OPTIONS: undefined },
    });
  } catch (error) {
    const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
    const why = isMissing ? "error=2, No such file or directory" : String(error);
    throw new TrogdorError("task", `Cannot run program "${command[0]}": ${why}`, { cause: error });
  }
}
