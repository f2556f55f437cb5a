// The list of modes. Each is loaded only when it runs: `trogdor --help` needs nothing but this.

import type { Command } from "./command.ts";

export interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  load(): Promise<Command>;
}

export const commands: readonly CommandEntry[] = [
  {
    name: "exec",
    summary: "Run one task on this machine, without any daemon.",
    load: async () => (await import("./exec/exec.ts")).execCommand,
  },
  {
    name: "validate",
    summary: "Report every problem of task specs; run nothing.",
    load: async () => (await import("./validate.ts")).validateCommand,
  },
  {
    name: "schema",
    summary: "Print the JSON Schema of task specs.",
    load: async () => (await import("./schema.ts")).schemaCommand,
  },
  {
    name: "agent",
    summary: "Run the daemon that runs a node's share of tasks.",
    load: async () => (await import("./agent/agent.ts")).agentCommand,
  },
  {
    name: "coordinator",
    summary: "Run the daemon that accepts tasks and gives them to the agents.",
    load: async () => (await import("./coordinator/coordinator.ts")).coordinatorCommand,
  },
  {
    name: "client",
    summary: "Drive a coordinator: create, show, wait for and stop tasks.",
    load: async () => (await import("./client/client.ts")).clientCommand,
  },
  {
    name: "agent-client",
    summary: "Talk to one agent directly.",
    load: async () => (await import("./agent-client/agent-client.ts")).agentClientCommand,
  },
  {
    name: "cluster",
    summary: "Get Trogdor onto machines over SSH, run tasks there, bring the results back.",
    load: async () => (await import("./cluster/cluster.ts")).clusterCommand,
  },
  {
    name: "kibosh",
    summary: "Mount and drive the file system that fails on command.",
    load: async () => (await import("./kibosh/kibosh.ts")).kiboshCommand,
  },
  {
    name: "completion",
    summary: "Print a completion script for bash, zsh or fish.",
    load: async () => (await import("./completion/completion.ts")).completionCommand,
  },
  {
    name: "help",
    summary: "Show help for a command.",
    load: async () => (await import("./help.ts")).helpCommand,
  },
];

/** What this program starts itself: not for people, so in no help and no completion. */
export const hiddenCommands: readonly CommandEntry[] = [
  {
    name: "worker",
    summary: "Run the worker that an agent orders; agents start it.",
    load: async () => (await import("./worker/worker.ts")).workerCommand,
  },
];

export function summaryOf(name: string): string {
  return commands.find((entry) => entry.name === name)?.summary ?? "";
}
