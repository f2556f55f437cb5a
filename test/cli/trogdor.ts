// Runs the real program for the tests: dist/trogdor when it is built from the present sources, else
// the sources. Each run has a bound and a clean environment.

import { existsSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "../tidy/source-files.ts";

export interface RunOptions {
  readonly input?: string | Uint8Array;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Sends the signal when stderr has shown this text. */
  readonly signalAfter?: { readonly text: string; readonly signal: "SIGINT" | "SIGTERM" };
  readonly timeoutMs?: number;
}

export interface RunResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

const defaultTimeoutMs = 30_000;

export const trogdorCommand: readonly string[] = isBuilt()
  ? [join(root, "dist/trogdor")]
  : [process.execPath, "--no-env-file", join(root, "src/main.ts")];

/** Nothing of the developer's. Bun would keep transpiled sources below the home folder. */
export const cleanEnvironment: Readonly<Record<string, string>> = {
  PATH: process.env["PATH"] ?? "",
  HOME: tmpdir(),
  BUN_RUNTIME_TRANSPILER_CACHE_PATH: "0",
};

export async function trogdor(
  args: readonly string[],
  options: RunOptions = {},
): Promise<RunResult> {
  const { input, env = {}, cwd = root, signalAfter, timeoutMs = defaultTimeoutMs } = options;
  const child = Bun.spawn([...trogdorCommand, ...args], {
    cwd,
    env: { ...cleanEnvironment, ...env },
    stdin: input === undefined ? "ignore" : Buffer.from(input),
    stdout: "pipe",
    stderr: "pipe",
    timeout: timeoutMs,
    killSignal: "SIGKILL",
  });
  const stderr = readWatching(child.stderr, (text) => {
    if (signalAfter === undefined || !text.includes(signalAfter.text)) return false;
    child.kill(signalAfter.signal);
    return true;
  });
  const stdout = await new Response(child.stdout).text();
  await child.exited;
  if (child.signalCode === "SIGKILL") {
    throw new Error(`trogdor ${args.join(" ")} did not end within ${timeoutMs} ms`);
  }
  return { exitCode: child.exitCode ?? -1, stdout, stderr: await stderr };
}

/** Reads to the end; `seen` is asked about all text so far until it answers true. */
async function readWatching(
  stream: ReadableStream<Uint8Array>,
  seen: (text: string) => boolean,
): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let hasSeen = false;
  for await (const chunk of stream) {
    text += decoder.decode(chunk, { stream: true });
    if (!hasSeen) hasSeen = seen(text);
  }
  return text;
}

function isBuilt(): boolean {
  const executable = join(root, "dist/trogdor");
  if (!existsSync(executable)) return false;
  const builtMs = statSync(executable).mtimeMs;
  const sources = new Bun.Glob("src/**/*.ts").scanSync({ cwd: root, absolute: true });
  return [...sources].every(
    (path) => path.endsWith(".test.ts") || statSync(path).mtimeMs < builtMs,
  );
}
