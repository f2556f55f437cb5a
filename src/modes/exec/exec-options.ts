// The options of `trogdor exec`, and what the command line says about them.

import { TrogdorError } from "../../core/trogdor-error.ts";
import type { CommandLine, OptionDefinition } from "../command.ts";
import { durationMs } from "./duration-ms.ts";

export const setOption: OptionDefinition = {
  name: "set",
  value: "PATH=VALUE",
  repeatable: true,
  description:
    "Replace a field of the spec, for example bootstrapServers=host:9092 or " +
    "producerConf.acks=1. Can be given more than once.",
};

export const allowClockOption: OptionDefinition = {
  name: "allow-clock",
  description: "Let faults set the clock of this machine, for everything that runs on it.",
};

export const execOptions: readonly OptionDefinition[] = [
  {
    name: "config",
    short: "c",
    aliases: ["agent.config"],
    value: "CONF",
    description: "The trogdor.conf of the cluster. Without it, this machine is the only node.",
    completes: "files",
  },
  {
    name: "node",
    short: "n",
    aliases: ["node-name"],
    value: "NODE",
    description: "The name of this node. With --config it defaults to the only agent node.",
  },
  setOption,
  {
    name: "json",
    description: "Print only the task's final status on stdout, as JSON, also when it failed.",
  },
  {
    name: "plan",
    description:
      "For a fault: print whom it would hit, what it would run and how that is undone; change " +
      "nothing.",
  },
  {
    name: "state-dir",
    value: "DIR",
    description:
      "Where a fault notes how it is undone, so that it is undone after a crash too. Default: " +
      "/var/lib/trogdor/exec-NODE for root, else below $XDG_STATE_HOME or ~/.local/state.",
    completes: "files",
  },
  allowClockOption,
  { name: "quiet", description: "No progress and no log, only the result and errors." },
  {
    name: "histogram",
    value: "FILE",
    description:
      "Write the latency histogram: an HdrHistogram interval log when FILE ends in .hlog or " +
      ".log, else the percentile text, in milliseconds. FILE gets the latency from the intended " +
      "send time; the others go beside it, with .service (from the actual send) or .pacing (how " +
      "late a message went out) before the suffix.",
    completes: "files",
  },
  {
    name: "report",
    value: "DIR",
    description:
      "Write what came of it into DIR: report.html with plots, report.xml for CI (JUnit), " +
      "report.json and report.txt.",
    completes: "files",
  },
  {
    name: "timeout",
    value: "TIME",
    description:
      "Stop and fail when the task has not ended after this time: 30s, 5m, 1.5h; a plain " +
      "number is in seconds.",
  },
];

export interface ExecOptions {
  readonly spec: string;
  readonly configPath: string | undefined;
  readonly node: string | undefined;
  readonly overrides: readonly string[];
  readonly json: boolean;
  readonly isPlanOnly: boolean;
  readonly stateDir: string | undefined;
  readonly allowsClock: boolean;
  readonly quiet: boolean;
  readonly histogramPath: string | undefined;
  readonly reportFolder: string | undefined;
  readonly timeoutMs: number | undefined;
}

export function readExecOptions(line: CommandLine): ExecOptions {
  const timeout = line.value("timeout");
  return {
    spec: line.operands[0]!,
    configPath: line.value("config"),
    node: line.value("node"),
    overrides: line.values("set"),
    json: line.has("json"),
    isPlanOnly: line.has("plan"),
    stateDir: line.value("state-dir"),
    allowsClock: line.has("allow-clock"),
    quiet: line.has("quiet"),
    histogramPath: notEmpty("histogram", line.value("histogram")),
    reportFolder: notEmpty("report", line.value("report")),
    timeoutMs: timeout === undefined ? undefined : durationMs("--timeout", timeout),
  };
}

function notEmpty(name: string, value: string | undefined): string | undefined {
  if (value === "") throw new TrogdorError("usage", `Option "--${name}" is empty`);
  return value;
}
