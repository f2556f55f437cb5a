// ExternalCommand: any program as a workload.

import type { Problem } from "../../../core/trogdor-error.ts";
import { defineTask } from "../../define-task.ts";
import { CLASS_NAME, type ExternalCommandSpec, externalCommandSchema, SHORT_NAME } from "./spec.ts";

export const externalCommand = defineTask({
  className: CLASS_NAME,
  shortName: SHORT_NAME,
  kind: "workload",
  watchesProcess: true,
  summary: "Runs a program that speaks JSON lines, and ends all that it started.",
  schema: externalCommandSchema,
  targetNodes: ({ commandNode }) => [commandNode],
  check,
  loadWorker: async () => (await import("./worker.ts")).externalCommandWorker,
  progress: (status) => (typeof status === "string" ? { phase: status } : {}),
});

function check({ command, shutdownGracePeriodMs = 0 }: ExternalCommandSpec): Problem[] {
  const problems: Problem[] = [];
  if (command.length === 0 || command[0] === "") {
    const expected = "expected the program and its arguments, one text each";
    const message = `Unable to start process: No command specified; ${expected}`;
    problems.push({ path: "command", message });
  }
  if (shutdownGracePeriodMs < 0) {
    const message = `is ${shutdownGracePeriodMs}: expected 0 or more milliseconds`;
    problems.push({ path: "shutdownGracePeriodMs", message });
  }
  return problems;
}
