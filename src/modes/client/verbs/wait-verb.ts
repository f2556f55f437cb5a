// `wait`: waits for the end of tasks; the exit code follows them.

import type { Command } from "../../command.ts";
import { withCoordinator } from "../connection.ts";
import { readWaitOptions, timeoutOption, waitForTasks } from "../waiting.ts";

export const waitVerb: Command = {
  name: "wait",
  summary: "Wait for the end of tasks; fail when one of them failed.",
  details: [
    "On a terminal the tasks' progress is shown live, else in a line for each task every five " +
      "seconds. Ctrl-C ends the waiting, not the tasks.",
  ],
  operand: {
    name: "TASK",
    required: true,
    repeatable: true,
    description: "The ids of the tasks.",
    completes: "nothing",
  },
  options: [timeoutOption],
  examples: [
    { line: "trogdor client wait produce-1 --timeout 10m", does: "wait ten minutes at most" },
  ],
  run: (line, host) => {
    const options = readWaitOptions(line);
    const ids = [...new Set(line.operands)].sort();
    return withCoordinator(line, host, (client, target) =>
      waitForTasks(ids, { client, target, host, line, ...options }),
    );
  },
};
