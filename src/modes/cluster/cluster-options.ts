// The options that all verbs of `trogdor cluster` share.

import { TrogdorError } from "../../core/trogdor-error.ts";
import type { CommandLine, OptionDefinition } from "../command.ts";
import { wholeNumber } from "../daemon/whole-number.ts";
import type { InventoryRequest } from "./inventory.ts";
import type { SshOptions } from "./ssh.ts";

export const clusterOptions: readonly OptionDefinition[] = [
  {
    name: "cluster",
    value: "FILE",
    description: "The nodes: a cluster file of ducktape (JSON). Each node gets an agent.",
    completes: "files",
  },
  {
    name: "config",
    short: "c",
    value: "CONF",
    description: "The nodes: a trogdor.conf, whose host names ssh dials.",
    completes: "files",
  },
  {
    name: "coordinator",
    value: "NODE",
    description: "The node of --cluster that also runs the coordinator. Default: the first.",
  },
  { name: "agent-port", value: "PORT", description: "For --cluster. Default 8888." },
  { name: "coordinator-port", value: "PORT", description: "For --cluster. Default 8889." },
  {
    name: "root",
    value: "DIR",
    description:
      "The folder on the nodes, for the executable, logs and state. Default " +
      "/var/tmp/trogdor-cluster.",
  },
  { name: "jobs", value: "N", description: "How many nodes are worked on at once. Default 32." },
  { name: "user", value: "USER", description: "The account on the nodes." },
  { name: "ssh-config", short: "F", value: "FILE", description: "A configuration for ssh." },
  {
    name: "ssh-option",
    short: "o",
    value: "NAME=VALUE",
    repeatable: true,
    description: "An option for ssh. Can be given more than once.",
  },
  {
    name: "connect-timeout",
    value: "SECONDS",
    description: "How long a node may take to accept a connection. Default 10.",
  },
  {
    name: "token-file",
    value: "FILE",
    description:
      "The token that the daemons ask for. Without it one is made for the cluster and kept below " +
      "$XDG_STATE_HOME or ~/.local/state.",
    completes: "files",
  },
  {
    name: "insecure",
    description: "No token: everyone on the network may run commands on the nodes.",
  },
];

export interface ClusterSettings {
  readonly inventory: InventoryRequest;
  readonly ssh: SshOptions;
  readonly root: string;
  readonly atOnce: number;
  readonly tokenFile: string | undefined;
  readonly isInsecure: boolean;
}

export function readClusterOptions(line: CommandLine): ClusterSettings {
  const port = (name: string, fallback: number) =>
    wholeNumber(line, name, { lowest: 1, highest: 65_535 }, fallback);
  const root = line.value("root") ?? "/var/tmp/trogdor-cluster";
  if (!/^\/[^\s'"\\]+$/.test(root)) {
    throw new TrogdorError(
      "usage",
      `Option "--root" is "${root}"; expected an absolute path without blanks and quotes`,
    );
  }
  return {
    inventory: {
      clusterPath: line.value("cluster"),
      configPath: line.value("config"),
      coordinator: line.value("coordinator"),
      agentPort: port("agent-port", 8888),
      coordinatorPort: port("coordinator-port", 8889),
    },
    ssh: {
      connectTimeoutSec: wholeNumber(line, "connect-timeout", { lowest: 1, highest: 600 }, 10),
      configPath: line.value("ssh-config"),
      user: line.value("user"),
      more: line.values("ssh-option"),
    },
    root: root.replace(/\/+$/, ""),
    atOnce: wholeNumber(line, "jobs", { lowest: 1, highest: 1000 }, 32),
    tokenFile: line.value("token-file"),
    isInsecure: line.has("insecure"),
  };
}
