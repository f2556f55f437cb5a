// Starts the daemons that are compared, ours and Java's, in a folder of their own.

import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Subprocess } from "bun";
import { KAFKA_DIR } from "../../kafka-cluster/cluster-files.ts";
import { EXECUTABLE } from "../contestants.ts";
import { javaCommand } from "../java-command.ts";
import { cpuSecondsOf, processTree, treeMemory } from "../process-tree.ts";

export const CONTROL_CONTESTANTS = ["trogdor", "java-trogdor"] as const;
export type ControlContestant = (typeof CONTROL_CONTESTANTS)[number];
export type Role = "agent" | "coordinator";

export interface ControlDaemon extends AsyncDisposable {
  readonly url: string;
  /** From the start of the process to the first answer. */
  readonly readyMs: number;
  memoryMb(): number;
  cpuSeconds(): number;
}

export interface ClusterShape {
  readonly agents: number;
  readonly agentPort: number;
  readonly port: number;
}

const MAIN_CLASSES = {
  agent: "org.apache.kafka.trogdor.agent.Agent",
  coordinator: "org.apache.kafka.trogdor.coordinator.Coordinator",
};
const READY_WITHIN_MS = 60_000;
const STOP_WITHIN_MS = 10_000;
const folder = join(KAFKA_DIR, "bench-control");

export async function startControlDaemon(
  contestant: ControlContestant,
  role: Role,
  shape: ClusterShape,
): Promise<ControlDaemon> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const conf = join(folder, "trogdor.conf");
  writeFileSync(conf, JSON.stringify(confOf(role, shape)));
  const command = await commandOf(contestant, role, conf);
  const url = `http://localhost:${shape.port}/${role}`;
  const startedMs = performance.now();
  const child = Bun.spawn(command, { stdin: "ignore", stdout: "ignore", stderr: "ignore" });
  const readyMs = (await firstAnswer(child, `${url}/uptime`)) - startedMs;
  return {
    url,
    readyMs,
    memoryMb: () => treeMemory(child.pid).pssBytes / 1e6,
    cpuSeconds: () => processTree(child.pid).reduce((sum, pid) => sum + cpuSecondsOf(pid), 0),
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      const killer = setTimeout(() => child.kill("SIGKILL"), STOP_WITHIN_MS);
      await child.exited;
      clearTimeout(killer);
    },
  };
}

/** Node `n<i>` is the loopback address 127.1.x.y; `me` is the daemon itself. */
function confOf(role: Role, { agents, agentPort, port }: ClusterShape): object {
  const own =
    role === "agent" ? { "trogdor.agent.port": port } : { "trogdor.coordinator.port": port };
  const nodes: Record<string, object> = {};
  for (let index = 0; index < agents; index += 1) {
    const hostname = `127.1.${index >> 8}.${index & 255}`;
    nodes[`n${index}`] = { hostname, "trogdor.agent.port": agentPort };
  }
  const first = nodes["n0"] ?? { hostname: "localhost" };
  nodes["n0"] = { ...first, ...own };
  return { platform: "org.apache.kafka.trogdor.basic.BasicPlatform", nodes };
}

async function commandOf(
  contestant: ControlContestant,
  role: Role,
  conf: string,
): Promise<string[]> {
  const options = [`--${role}.config`, conf, "--node-name", "n0"];
  if (contestant === "trogdor") {
    return [EXECUTABLE, role, ...options, "--state-dir", join(folder, "state")];
  }
  return [...(await javaCommand("256M", MAIN_CLASSES[role])), ...options];
}

async function firstAnswer(child: Subprocess, url: string): Promise<number> {
  const deadlineMs = performance.now() + READY_WITHIN_MS;
  for (;;) {
    try {
      const response = await fetch(url);
      await response.arrayBuffer();
      if (response.status === 200) return performance.now();
    } catch {
      // The port is not open yet.
    }
    if (child.exitCode !== null) throw new Error(`the daemon ended with ${child.exitCode}`);
    if (performance.now() > deadlineMs) throw new Error("the daemon does not serve");
    await Bun.sleep(1);
  }
}
