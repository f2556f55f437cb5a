// Stops a service and starts it again at the end.

import { TrogdorError } from "../../../core/trogdor-error.ts";
import { defineFault, type FaultNode } from "../../define-fault.ts";
import { mustRunAsRoot, runAsRoot } from "../../network-rules/run-command.ts";
import { type ServiceCommands, type ServiceRestartSpec, serviceCommands } from "./spec.ts";

const changedWithinMs = 20_000;
const pauseMs = 50;

export const serviceRestart = defineFault<ServiceRestartSpec, ServiceCommands>({
  async plan(spec, context) {
    const plan = serviceCommands(spec);
    if (await runs(plan, context)) return plan;
    const message = `the service does not run: ${plan.status.join(" ")} did not end with 0`;
    throw new TrogdorError("task", `${message}, so stopping it would change nothing`);
  },
  steps: ({ stop, start }) => ({
    targets: [`the service that ${stop.join(" ")} stops`],
    apply: [stop.join(" ")],
    undo: [start.join(" ")],
  }),
  async apply(plan, node) {
    await mustRunAsRoot(node.commands, plan.stop);
    await until(false, plan, node);
  },
  async probe(plan, node) {
    if (!(await runs(plan, node))) return "";
    return `expected the service to be stopped, found that ${plan.status.join(" ")} ends with 0`;
  },
  async undo(plan, node) {
    if (await runs(plan, node)) return;
    await mustRunAsRoot(node.commands, plan.start);
    if (await until(true, plan, node)) return;
    const message = `${plan.start.join(" ")} succeeded, but ${plan.status.join(" ")} does not`;
    throw new TrogdorError("task", message);
  },
  words: {
    applying: () => "stopping the service",
    applied: () => "stopped the service",
    undoing: () => "starting the service",
    undone: () => "started the service",
  },
});

async function runs({ status }: ServiceCommands, { commands }: FaultNode): Promise<boolean> {
  return (await runAsRoot(commands, status)).exitCode === 0;
}

async function until(wanted: boolean, plan: ServiceCommands, node: FaultNode): Promise<boolean> {
  for (let waitedMs = 0; waitedMs < changedWithinMs; waitedMs += pauseMs) {
    if ((await runs(plan, node)) === wanted) return true;
    await node.clock.sleep(pauseMs);
  }
  return false;
}
