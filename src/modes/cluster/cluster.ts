// `trogdor cluster`: gets Trogdor onto machines over SSH, runs tasks there, and brings the results
// back.

import type { Command } from "../command.ts";
import { summaryOf } from "../commands.ts";
import { exitCodes } from "../exit-codes.ts";
import { clusterOptions } from "./cluster-options.ts";
import { collectVerb } from "./collect.ts";
import { cleanVerb, downVerb } from "./down.ts";
import { runVerb } from "./run.ts";
import { statusVerb } from "./status.ts";
import { upVerb } from "./up.ts";
import { waitVerb } from "./wait.ts";

export const clusterCommand: Command = {
  name: "cluster",
  summary: summaryOf("cluster"),
  details: [
    "Nodes are reached with this system's ssh, which has to get in without a password; its " +
      "configuration, agent and known hosts are used. Nodes need Linux and a shell, nothing else.",
  ],
  verbs: [upVerb, statusVerb, runVerb, waitVerb, downVerb, collectVerb, cleanVerb],
  options: clusterOptions,
  examples: [
    { line: "trogdor cluster up --cluster cluster.json", does: "start Trogdor on all nodes" },
    {
      line: "trogdor cluster run --cluster cluster.json spec.json --results results",
      does: "run a task to its end and keep what it found",
    },
    { line: "trogdor cluster down --cluster cluster.json", does: "stop it again" },
  ],
  run: async () => exitCodes.usage.code,
};
