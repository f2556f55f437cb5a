// The options of `trogdor agent` beside those of every daemon.

import type { CommandLine, OptionDefinition } from "../command.ts";
import { daemonOptions } from "../daemon/daemon-options.ts";
import { durationMs } from "../exec/duration-ms.ts";
import { allowClockOption } from "../exec/exec-options.ts";

export const agentOptions: readonly OptionDefinition[] = [
  ...daemonOptions("agent"),
  {
    name: "exec",
    short: "e",
    value: "SPEC",
    description: "Run one task, as `trogdor exec SPEC` does, and exit; no daemon is started.",
    completes: "files",
  },
  {
    name: "dead-man",
    value: "TIME",
    description:
      "Stop all workers when no coordinator was heard for so long (30s, 5m). Off by default: a " +
      "task goes on to its end without its coordinator.",
  },
  allowClockOption,
  {
    name: "cleanup",
    description:
      "Put back what a dead agent with this state folder left changed on the node, and exit.",
  },
];

/** 0: off. */
export function readDeadManMs(line: CommandLine): number {
  const text = line.value("dead-man");
  return text === undefined ? 0 : durationMs("--dead-man", text);
}
