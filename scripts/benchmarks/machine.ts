// The machine and the versions that figures belong to: a figure without them says nothing.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { cpus, release, totalmem } from "node:os";
import { REPOSITORY_DIR } from "../kafka-cluster/cluster-files.ts";

export interface Machine {
  readonly cpuModel: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly kernel: string;
  readonly architecture: string;
}

export interface Versions {
  readonly trogdor: string;
  /** Of the executable that ran: a commit alone does not say what was built. */
  readonly executableSha256: string;
  readonly commit: string;
  readonly hasUncommittedChanges: boolean;
  readonly bun: string;
  readonly java: string;
  readonly kafka: string;
  readonly kafkajs: string;
}

export function describeMachine(): Machine {
  const all = cpus();
  return {
    cpuModel: all[0]?.model.trim() ?? "unknown",
    cores: all.length,
    memoryBytes: totalmem(),
    kernel: release(),
    architecture: process.arch,
  };
}

export function describeVersions(executable: string, kafka: string): Versions {
  const packageFile = readFileSync(`${REPOSITORY_DIR}/package.json`, "utf8");
  const { dependencies } = JSON.parse(packageFile) as { dependencies: Record<string, string> };
  return {
    trogdor: outputOf([executable, "--version"]),
    executableSha256: createHash("sha256").update(readFileSync(executable)).digest("hex"),
    commit: outputOf(["git", "rev-parse", "HEAD"]),
    hasUncommittedChanges: outputOf(["git", "status", "--porcelain", "-uno"]) !== "",
    bun: Bun.version,
    java: outputOf(["java", "-version"]).split("\n")[1] ?? "unknown",
    kafka,
    kafkajs: dependencies["kafkajs"] ?? "unknown",
  };
}

export function machineText(machine: Machine): string {
  const { cpuModel, cores, memoryBytes, kernel, architecture } = machine;
  const memoryGb = Math.round(memoryBytes / 2 ** 30);
  return `${cores} cores of ${cpuModel} (${architecture}), ${memoryGb} GiB, Linux ${kernel}`;
}

/** What a command prints on both outputs; empty when it cannot run. */
function outputOf(command: string[]): string {
  try {
    const { stdout, stderr } = Bun.spawnSync(command, { cwd: REPOSITORY_DIR, timeout: 10_000 });
    return `${stdout}${stderr}`.trim();
  } catch {
    return ""; // not installed
  }
}
