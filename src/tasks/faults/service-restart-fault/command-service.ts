// A service that three commands of the caller's own stop, start and ask about.

import { TrogdorError } from "../../../core/trogdor-error.ts";
import type { FaultNode } from "../../define-fault.ts";
import { mustRunAsRoot, runAsRoot } from "../../network-rules/run-command.ts";
import { comesTrue, type Service } from "./service.ts";
import type { ServiceCommands } from "./spec.ts";

const changedWithinMs = 20_000;

export function commandService({ stop, start, status }: ServiceCommands): Service {
  const asked = status.join(" ");
  const runs = async ({ commands }: FaultNode) =>
    (await runAsRoot(commands, status)).exitCode === 0;
  return {
    whyNotRunning: async (node) =>
      (await runs(node)) ? "" : `the service does not run: ${asked} did not end with 0`,
    whyNotStopped: async (node) => ((await runs(node)) ? `${asked} ends with 0` : ""),
    async stop(node) {
      await mustRunAsRoot(node.commands, stop);
      await comesTrue(node, changedWithinMs, async () => !(await runs(node)));
    },
    async start(node) {
      if (await runs(node)) return;
      await mustRunAsRoot(node.commands, start);
      if (await comesTrue(node, changedWithinMs, () => runs(node))) return;
      throw new TrogdorError("task", `${start.join(" ")} succeeded, but ${asked} does not`);
    },
  };
}
