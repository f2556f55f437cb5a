// A daemon under test, ours or Java's: a process that ends with the test run, however that ends,
// and whose output is kept for the message of a failure. Wait for conditions, never for time.

import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Subprocess } from "bun";

export interface DaemonStart {
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** True when it serves; asked again until then. */
  isReady(): Promise<boolean>;
  readonly readyWithinMs?: number;
  /** The signal that ends it: SIGTERM unless said otherwise, and SIGKILL after 5 s. */
  readonly endSignal?: NodeJS.Signals;
}

export interface DaemonProcess extends AsyncDisposable {
  readonly pid: number;
  readonly exited: Promise<number>;
  readonly output: string;
  kill(signal: NodeJS.Signals): void;
}

const stopWithinMs = 5_000;

/** Starts it and waits until it serves. */
export async function startDaemon(start: DaemonStart): Promise<DaemonProcess> {
  const folder = mkdtempSync(join(tmpdir(), "trogdor-daemon-"));
  const file = join(folder, "output.txt");
  const out = openSync(file, "a");
  const child = Bun.spawn(["setpriv", "--pdeathsig", "KILL", ...start.command], {
    stdin: "ignore",
    stdout: out,
    stderr: out,
    env: { ...process.env, ...start.env },
  });
  closeSync(out);
  const daemon: DaemonProcess = {
    pid: child.pid,
    exited: child.exited,
    get output() {
      return readFileSync(file, "utf8");
    },
    kill: (signal) => child.kill(signal),
    async [Symbol.asyncDispose]() {
      await end(child, start.endSignal ?? "SIGTERM");
      rmSync(folder, { recursive: true, force: true });
    },
  };
  const withinMs = start.readyWithinMs ?? 60_000;
  const isReady = await eventually(() => child.exitCode !== null || start.isReady(), withinMs);
  if (isReady && child.exitCode === null) return daemon;
  const { output } = daemon;
  await daemon[Symbol.asyncDispose]();
  throw new Error(`${start.command.join(" ").slice(-300)} does not serve:\n${output.slice(-4000)}`);
}

/** True as soon as the condition holds; false when the time is over first. */
export async function eventually(
  condition: () => boolean | Promise<boolean>,
  withinMs: number,
): Promise<boolean> {
  const deadlineMs = performance.now() + withinMs;
  for (;;) {
    if (await condition()) return true;
    if (performance.now() > deadlineMs) return false;
    await Bun.sleep(20);
  }
}

/** Ports that were free a moment ago, all different. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve, reject) => {
          server.once("error", reject);
          server.listen(0, () => resolve((server.address() as { port: number }).port));
        }),
    ),
  );
  await Promise.all(servers.map((server) => new Promise((closed) => server.close(closed))));
  return ports;
}

/** True when the address answers 200. */
export async function serves(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(5_000) });
    await response.arrayBuffer();
    return response.status === 200;
  } catch {
    return false;
  }
}

async function end(child: Subprocess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null) return;
  child.kill(signal);
  const killer = setTimeout(() => child.kill("SIGKILL"), stopWithinMs);
  await child.exited;
  clearTimeout(killer);
}
