// The options that agent and coordinator share, with the names of the Java command line as aliases.

import { TrogdorError } from "../../core/trogdor-error.ts";
import type { LogLevel } from "../../platform/log/line-log.ts";
import type { CommandLine, OptionDefinition } from "../command.ts";
import { wholeNumber } from "./whole-number.ts";

export const defaultLogSizeMb = 50;

export function daemonOptions(role: "agent" | "coordinator"): readonly OptionDefinition[] {
  return [
    {
      name: "config",
      short: "c",
      aliases: [`${role}.config`],
      value: "CONF",
      description: "The trogdor.conf of the cluster.",
      completes: "files",
    },
    {
      name: "node",
      short: "n",
      aliases: ["node-name"],
      value: "NODE",
      description: "The name of this node in it.",
    },
    ...listeningOptions,
    stateDirOption(role),
    ...logOptions,
    {
      name: "java",
      description:
        `Appear as the Java ${role} to the harnesses that start it: its start lines, its exit ` +
        "codes and an entry in the list of jcmd.",
    },
  ];
}

const listeningOptions: readonly OptionDefinition[] = [
  {
    name: "listen",
    value: "ADDRESS",
    description:
      "The address to listen on. Without credentials (below) that is loopback only; with them " +
      "it is every address.",
  },
  {
    name: "insecure",
    description:
      "Listen on every address without credentials: everyone on the network may run commands " +
      "as this user.",
  },
  {
    name: "token-file",
    value: "FILE",
    description: "Callers must send the token in FILE (or in TROGDOR_TOKEN).",
    completes: "files",
  },
  {
    name: "tls-cert",
    value: "FILE",
    description: "Serve TLS with this certificate (PEM).",
    completes: "files",
  },
  {
    name: "tls-key",
    value: "FILE",
    description: "The certificate's private key (PEM).",
    completes: "files",
  },
  {
    name: "tls-ca",
    value: "FILE",
    description: "Callers must show a certificate that this authority (PEM) has signed.",
    completes: "files",
  },
];

const logOptions: readonly OptionDefinition[] = [
  {
    name: "log-level",
    value: "LEVEL",
    description: "The least that is logged: debug, info, warn or error. Default info.",
  },
  {
    name: "log-file",
    value: "FILE",
    description:
      "Log to FILE, as JSON lines, instead of stderr. A full file becomes FILE.1 and so on.",
    completes: "files",
  },
  {
    name: "log-size",
    value: "MB",
    description: `What FILE and its older ones may take together. Default ${defaultLogSizeMb}.`,
  },
];

function stateDirOption(role: "agent" | "coordinator"): OptionDefinition {
  const none = role === "coordinator" ? "; none forgets it when the daemon ends" : "";
  return {
    name: "state-dir",
    value: "DIR",
    description:
      `Where the state is kept${none}. Default /var/lib/trogdor/${role}-NODE for root, else ` +
      `trogdor/${role}-NODE below XDG_STATE_HOME or ~/.local/state.`,
    completes: "files",
  };
}

export interface DaemonOptions {
  readonly configPath: string;
  readonly node: string;
  readonly listen: string | undefined;
  readonly isInsecure: boolean;
  readonly tokenFile: string | undefined;
  readonly tlsCert: string | undefined;
  readonly tlsKey: string | undefined;
  readonly tlsCa: string | undefined;
  readonly stateDir: string | undefined;
  readonly logLevel: LogLevel;
  readonly logFile: string | undefined;
  readonly logSizeBytes: number;
  readonly asJava: boolean;
}

export function readDaemonOptions(line: CommandLine): DaemonOptions {
  const missing = [
    line.value("config") === undefined ? "--config CONF, the trogdor.conf of the cluster" : "",
    line.value("node") === undefined ? "--node NODE, the name of this node in it" : "",
  ].filter((text) => text !== "");
  if (missing.length > 0) {
    throw new TrogdorError("usage", missing.map((text) => `Missing option ${text}`).join("\n"));
  }
  return {
    configPath: line.value("config")!,
    node: line.value("node")!,
    listen: line.value("listen"),
    isInsecure: line.has("insecure"),
    tokenFile: line.value("token-file"),
    tlsCert: line.value("tls-cert"),
    tlsKey: line.value("tls-key"),
    tlsCa: line.value("tls-ca"),
    stateDir: line.value("state-dir"),
    logLevel: readLogLevel(line.value("log-level")),
    logFile: line.value("log-file"),
    logSizeBytes:
      wholeNumber(line, "log-size", { lowest: 1, highest: 1_000_000 }, defaultLogSizeMb) * 1e6,
    asJava: line.has("java"),
  };
}

const logLevels: readonly LogLevel[] = ["debug", "info", "warn", "error"];

function readLogLevel(text: string | undefined): LogLevel {
  if (text === undefined) return "info";
  const level = logLevels.find((candidate) => candidate === text.toLowerCase());
  if (level !== undefined) return level;
  throw new TrogdorError(
    "usage",
    `Option "--log-level" is "${text}"; expected debug, info, warn or error`,
  );
}
