// Commands on the real node.

import { TrogdorError } from "../../core/trogdor-error.ts";
import type { CommandResult, Commands } from "./commands.ts";

const timeoutMs = 10_000;
const outputSizeBytesMax = 1024 * 1024;
/** A command may leave a process behind that keeps its outputs open: that is not waited for. */
const turnsMax = 100;
const turnMs = 10;

export const realCommands: Commands = {
  isRoot: process.getuid?.() === 0,
  run,
};

async function run(command: readonly string[]): Promise<CommandResult> {
  const child = start(command);
  const outputs = [gather(child.stdout), gather(child.stderr)] as const;
  const exitCode = await child.exited;
  // In turns: on a busy machine the end of an output may come late, but not so many turns late.
  const closed = Promise.all(outputs.map((one) => one.closed)).then(() => true);
  for (let turn = 0; turn < turnsMax; turn += 1) {
    if (await Promise.race([closed, Bun.sleep(turnMs)])) break;
  }
  const [stdout, stderr] = outputs.map((one) => one.text) as [string, string];
  if (child.signalCode !== null) {
    const seconds = timeoutMs / 1000;
    const why = child.signalCode === "SIGKILL" ? ` (it has ${seconds} s)` : "";
    throw new TrogdorError("task", `${command.join(" ")} ended by ${child.signalCode}${why}`);
  }
  return { exitCode, stdout, stderr };
}

interface Output {
  /** So far. */
  readonly text: string;
  readonly closed: Promise<void>;
}

/** Goes on reading: a process that the command left behind may write there as long as it lives. */
function gather(stream: ReadableStream<Uint8Array>): Output {
  const decoder = new TextDecoder();
  let text = "";
  const read = async () => {
    for await (const chunk of stream) {
      if (text.length < outputSizeBytesMax) text += decoder.decode(chunk, { stream: true });
    }
  };
  const closed = read().catch(() => {});
  return {
    get text() {
      return text;
    },
    closed,
  };
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
