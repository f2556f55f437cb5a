// Ties clusters to the life of this process. The keeper (keeper.ts) is a process in a session of
// its own that holds the other end of a pipe: when this process ends, even by SIGKILL, the pipe
// closes and the keeper stops what it was told. A hook at exit would miss that case, and bun test
// runs none.

import { join } from "node:path";
import type { Subprocess } from "bun";

type Keeper = Subprocess<"pipe", "ignore", "inherit">;

let keeper: Keeper | undefined;
const kept = new Set<string>();

/** Call it before the cluster starts; one that was stopped meanwhile is no problem. */
export function keepUntilEnd(name: string): void {
  kept.add(name);
  if (keeper !== undefined && isRunning(keeper)) {
    keeper.stdin.write(`${name}\n`);
  } else {
    // Bun kills the processes of a test that takes too long, and this one with them.
    keeper = startKeeper();
    keeper.stdin.write([...kept, ""].join("\n"));
  }
  keeper.stdin.flush();
}

function isRunning({ exitCode, signalCode }: Keeper): boolean {
  return exitCode === null && signalCode === null;
}

function startKeeper(): Keeper {
  const script = join(import.meta.dir, "keeper.ts");
  const started = Bun.spawn([process.execPath, "--no-env-file", script], {
    stdin: "pipe",
    stdout: "ignore",
    stderr: "inherit",
    detached: true,
  });
  started.unref();
  return started;
}
