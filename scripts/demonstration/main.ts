// What scripts/demo shows: the executable loads a real broker on this machine with the example
// spec. The broker is stopped at the end, on Ctrl-C, and (by the keeper) when this is killed.

import { resolve } from "node:path";
import type { Subprocess } from "bun";
import { startCluster, stopCluster } from "../kafka-cluster/cluster.ts";
import { keepUntilEnd } from "../kafka-cluster/keep-until-end.ts";
import { DEFAULT_PORT } from "../kafka-cluster/options.ts";
import { isPortFree } from "../kafka-cluster/ports.ts";

const ROOT = resolve(import.meta.dir, "../..");
const NAME = "demo";
const SPEC = "specs/produce-bench.json";
const INTERRUPTED = 130;

let running: Subprocess | undefined;
let isInterrupted = false;

async function main(): Promise<number> {
  const startedMs = performance.now();
  progress("building dist/trogdor");
  const built = await run([process.execPath, resolve(ROOT, "scripts/executable/main.ts")]);
  if (built !== 0) return built;
  keepUntilEnd(NAME);
  try {
    const exitCode = await loadBroker();
    const seconds = ((performance.now() - startedMs) / 1000).toFixed(0);
    progress(`ended with exit code ${exitCode} after ${seconds} s`);
    return exitCode;
  } finally {
    await stopCluster(NAME, true);
    progress("the broker has stopped");
  }
}

async function loadBroker(): Promise<number> {
  if (isInterrupted) return INTERRUPTED;
  progress("starting a Kafka 4.1 broker");
  await stopCluster(NAME, true);
  const port = (await isPortFree(DEFAULT_PORT)) ? DEFAULT_PORT : "auto";
  const { data } = await startCluster({ name: NAME, port }, progress);
  if (isInterrupted) return INTERRUPTED;
  if (port === "auto") progress(`port ${DEFAULT_PORT} is taken, so the broker has another one`);
  const command = ["dist/trogdor", "exec", SPEC];
  if (port === "auto") command.push("--set", `bootstrapServers=${data.bootstrapServers.PLAINTEXT}`);
  progress(command.join(" "));
  return await run(command);
}

// Children are in sessions of their own, so that Ctrl-C reaches them once, through `interrupt`:
// trogdor takes a second one as the wish to leave at once.
async function run(command: string[]): Promise<number> {
  running = Bun.spawn(command, {
    cwd: ROOT,
    stdin: "ignore",
    stdout: "inherit",
    stderr: "inherit",
    detached: true,
  });
  const exitCode = await running.exited;
  running = undefined;
  return isInterrupted ? INTERRUPTED : exitCode;
}

function interrupt(): void {
  if (isInterrupted) process.exit(INTERRUPTED);
  isInterrupted = true;
  progress("stopping; once more to leave at once");
  running?.kill("SIGINT");
}

function progress(line: string): void {
  process.stderr.write(`demo: ${line}\n`);
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, interrupt);
main().then(
  (exitCode) => process.exit(exitCode),
  (error: unknown) => {
    progress(error instanceof Error ? error.message : String(error));
    process.exit(isInterrupted ? INTERRUPTED : 1);
  },
);
