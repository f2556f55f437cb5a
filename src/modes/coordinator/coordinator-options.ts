// The options of `trogdor coordinator` beside those of every daemon: which finished tasks are kept.

import { TrogdorError } from "../../core/trogdor-error.ts";
import type { CommandLine, OptionDefinition } from "../command.ts";
import { daemonOptions } from "../daemon/daemon-options.ts";
import { wholeNumber } from "../daemon/whole-number.ts";
import { durationMs } from "../exec/duration-ms.ts";

export interface Retention {
  readonly retainTasks: number;
  readonly retainForMs: number;
  readonly archives: boolean;
}

const retainTasksDefault = 10_000;
const retainTasksMax = 10_000_000;
const retainForDefault = "7d";

export const coordinatorOptions: readonly OptionDefinition[] = [
  ...daemonOptions("coordinator"),
  {
    name: "retain-tasks",
    value: "N",
    description: `How many finished tasks are kept. Default ${retainTasksDefault}.`,
  },
  {
    name: "retain-for",
    value: "TIME",
    description: `How long a finished task is kept. Default ${retainForDefault}.`,
  },
  {
    name: "archive",
    description:
      "Append finished tasks to archive.jsonl in the state folder when they are dropped; at most " +
      "64 MB of them.",
  },
];

export function readRetention(line: CommandLine): Retention {
  if (line.has("archive") && line.value("state-dir") === "none") {
    throw new TrogdorError(
      "usage",
      'Option "--archive" needs a state folder, and "--state-dir" is "none"',
    );
  }
  const bounds = { lowest: 0, highest: retainTasksMax };
  return {
    retainTasks: wholeNumber(line, "retain-tasks", bounds, retainTasksDefault),
    retainForMs: durationMs("--retain-for", line.value("retain-for") ?? retainForDefault),
    archives: line.has("archive"),
  };
}
