// Our coordinator and one agent, for tests that kill and restart them: each has a state folder and
// a port that stay the same over its lives.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cleanEnvironment, trogdorCommand } from "../cli/trogdor.ts";
import { type DaemonProcess, freePorts, serves, startDaemon } from "./daemon-process.ts";

export type Role = "agent" | "coordinator";

export interface OwnDaemons extends AsyncDisposable {
  readonly folder: string;
  readonly confPath: string;
  readonly urls: Readonly<Record<Role, string>>;
  stateDir(role: Role): string;
  /** The command line without the program. */
  args(role: Role): string[];
  /** A state folder among the options takes the place of the usual one. */
  start(
    role: Role,
    prefix?: readonly string[],
    options?: readonly string[],
  ): Promise<DaemonProcess>;
}

export async function ownDaemons(): Promise<OwnDaemons> {
  const folder = mkdtempSync(join(tmpdir(), "trogdor-daemons-"));
  const [agentPort, coordinatorPort] = await freePorts(2);
  const confPath = join(folder, "trogdor.conf");
  const node = { "trogdor.agent.port": agentPort, "trogdor.coordinator.port": coordinatorPort };
  const platform = "org.apache.kafka.trogdor.basic.BasicPlatform";
  writeFileSync(confPath, JSON.stringify({ platform, nodes: { node0: node } }));
  const urls = {
    agent: `http://127.0.0.1:${agentPort}`,
    coordinator: `http://127.0.0.1:${coordinatorPort}`,
  };
  const started: DaemonProcess[] = [];
  const stateDir = (role: Role) => join(folder, role);
  const args = (role: Role) => [role, "-c", confPath, "-n", "node0", "--state-dir", stateDir(role)];
  return {
    folder,
    confPath,
    urls,
    stateDir,
    args,
    async start(role, prefix = [], options = []) {
      const own = options.includes("--state-dir") ? args(role).slice(0, -2) : args(role);
      const command = [...prefix, ...trogdorCommand, ...own, ...options];
      const isReady = () => serves(`${urls[role]}/health`);
      const daemon = await startDaemon({ command, isReady, env: cleanEnvironment });
      started.push(daemon);
      return daemon;
    },
    async [Symbol.asyncDispose]() {
      for (const daemon of started.toReversed()) await daemon[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export async function kill(daemon: DaemonProcess): Promise<void> {
  daemon.kill("SIGKILL");
  await daemon.exited;
}

/** Answers the body of a 200; throws for everything else. */
export async function ask(
  method: "GET" | "POST" | "PUT" | "DELETE",
  url: string,
  body?: unknown,
): Promise<unknown> {
  const response = await fetch(url, {
    method,
    ...(body === undefined
      ? {}
      : { body: JSON.stringify(body), headers: { "Content-Type": "application/json" } }),
    signal: AbortSignal.timeout(10_000),
  });
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${method} ${url}: ${response.status} ${text}`);
  // Worker ids are larger than a number holds.
  return JSON.parse(text.replace(/"workerId":(\d+)/g, '"workerId":"$1"'));
}

export interface ShownTask {
  readonly state: string;
  readonly error?: string;
}

export interface ShownWorker {
  readonly state: string;
  readonly taskId: string;
  readonly startedMs?: number;
  readonly error?: string;
}

export async function tasksOf(daemons: OwnDaemons): Promise<Map<string, ShownTask>> {
  const found = (await ask("GET", `${daemons.urls.coordinator}/coordinator/tasks`)) as {
    tasks: Record<string, ShownTask>;
  };
  return new Map(Object.entries(found.tasks));
}

export async function workersOf(daemons: OwnDaemons): Promise<Map<string, ShownWorker>> {
  const found = (await ask("GET", `${daemons.urls.agent}/agent/status`)) as {
    workers?: Record<string, ShownWorker>;
  };
  return new Map(Object.entries(found.workers ?? {}));
}

export const noOpClass = "org.apache.kafka.trogdor.task.NoOpTaskSpec";

export function createNoOp(
  daemons: OwnDaemons,
  id: string,
  durationMs: number,
  startMs = 0,
): Promise<unknown> {
  const spec = { class: noOpClass, startMs, durationMs };
  return ask("POST", `${daemons.urls.coordinator}/coordinator/task/create`, { id, spec });
}

export function stopTask(daemons: OwnDaemons, id: string): Promise<unknown> {
  return ask("PUT", `${daemons.urls.coordinator}/coordinator/task/stop`, { id });
}
