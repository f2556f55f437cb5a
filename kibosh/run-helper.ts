// Starts the helper. In the background it returns once the mount answers; in the foreground it runs
// until the file system is gone.

import { resolve } from "node:path";
import { TrogdorError } from "../src/core/trogdor-error.ts";
import { helperArguments, type MountOptions } from "./mount-options.ts";

/** Children must not inherit what would change this runtime's own behaviour in them. */
function childEnvironment(): Record<string, string | undefined> {
  return { ...process.env, BUN_BE_BUN: undefined, BUN_OPTIONS: undefined };
}

/** Relative paths are those of this process: the helper leaves its working directory. */
function absolute(options: MountOptions): MountOptions {
  return {
    ...options,
    target: resolve(options.target),
    mountpoint: resolve(options.mountpoint),
    pidfile: options.pidfile === undefined ? undefined : resolve(options.pidfile),
    log: options.log === undefined ? undefined : resolve(options.log),
  };
}

/** Resolves when the mount answers; rejects with the helper's sentence. */
export async function mountInBackground(helper: string, options: MountOptions): Promise<void> {
  await runToEnd([helper, ...helperArguments(absolute(options))]);
}

export interface ForegroundMount {
  /** Asks it to unmount and end. */
  stop(): void;
  /** Its exit status. */
  readonly ended: Promise<number>;
}

/** Its log goes to standard error unless a file is named. */
export function mountInForeground(helper: string, options: MountOptions): ForegroundMount {
  const all = { ...absolute(options), foreground: true, parentBound: true };
  const child = Bun.spawn([helper, ...helperArguments(all)], {
    stdin: "ignore",
    stdout: "inherit",
    stderr: "inherit",
    env: childEnvironment(),
  });
  return { stop: () => child.kill("SIGTERM"), ended: child.exited };
}

/** Unmounts, lazily when busy; what the helper says about it is returned. */
export async function unmount(helper: string, mountpoint: string): Promise<string> {
  return (await runToEnd([helper, "--unmount", resolve(mountpoint)])).trim();
}

/** What it said; rejects with its sentence when it failed. */
async function runToEnd(command: readonly string[]): Promise<string> {
  const child = Bun.spawn([...command], {
    stdin: "ignore",
    stdout: "ignore",
    stderr: "pipe",
    env: childEnvironment(),
  });
  const [text, exitCode] = await Promise.all([new Response(child.stderr).text(), child.exited]);
  if (exitCode !== 0) throw new TrogdorError("task", sentenceOf(text));
  return text;
}

function sentenceOf(text: string): string {
  const sentence = text.trim().replace(/^kibosh: /, "");
  return sentence === "" ? "the file system could not be started" : sentence;
}
