// `trogdor client`: drives a coordinator. Each verb is in verbs/; Java's names are their aliases.

import type { Command } from "../command.ts";
import { summaryOf } from "../commands.ts";
import { exitCodes } from "../exit-codes.ts";
import { connectionOptions } from "./connection-options.ts";
import { destroyVerb, shutdownVerb, stopAllVerb, stopVerb } from "./verbs/control-verbs.ts";
import { createVerb } from "./verbs/create-verb.ts";
import { statusVerb, uptimeVerb } from "./verbs/daemon-verbs.ts";
import { logsVerb, nodesVerb } from "./verbs/node-verbs.ts";
import { reportVerb } from "./verbs/report-verb.ts";
import { taskVerb } from "./verbs/task-verb.ts";
import { tasksVerb } from "./verbs/tasks-verb.ts";
import { waitVerb } from "./verbs/wait-verb.ts";
import { watchVerb } from "./verbs/watch-verb.ts";

export const clientCommand: Command = {
  name: "client",
  summary: summaryOf("client"),
  details: [
    "In a pipe, what it prints of tasks is what the Java client prints; on a terminal it is " +
      "fitted to the width.",
  ],
  verbs: [
    tasksVerb,
    taskVerb,
    createVerb,
    stopVerb,
    destroyVerb,
    waitVerb,
    watchVerb,
    nodesVerb,
    logsVerb,
    reportVerb,
    statusVerb,
    uptimeVerb,
    stopAllVerb,
    shutdownVerb,
  ],
  options: connectionOptions("coordinator"),
  examples: [
    { line: "trogdor client create spec.json --wait", does: "run a task to its end" },
    { line: "trogdor client tasks", does: "list all tasks" },
    { line: "trogdor help client create", does: "explain one verb" },
  ],
  run: async () => exitCodes.usage.code,
};
