// Stops a service and starts it again at the end.

import { TrogdorError } from "../../../core/trogdor-error.ts";
import { defineFault } from "../../define-fault.ts";
import { commandService } from "./command-service.ts";
import type { Service } from "./service.ts";
import { type ServiceCommands, type ServiceRestartSpec, serviceCommands } from "./spec.ts";
import { systemdUnit } from "./systemd-unit.ts";

interface Plan extends ServiceCommands {
  /** "" with commands of the caller's own. */
  readonly unit: string;
}

export const serviceRestart = defineFault<ServiceRestartSpec, Plan>({
  async plan(spec, context) {
    const plan = { unit: spec.unit, ...serviceCommands(spec) };
    const problem = await serviceOf(plan).whyNotRunning(context);
    if (problem === "") return plan;
    throw new TrogdorError("task", `${problem}, so stopping it would change nothing`);
  },
  steps: ({ stop, start }) => ({
    targets: [`the service that ${stop.join(" ")} stops`],
    apply: [stop.join(" ")],
    undo: [start.join(" ")],
  }),
  apply: (plan, node) => serviceOf(plan).stop(node),
  async probe(plan, node) {
    const found = await serviceOf(plan).whyNotStopped(node);
    return found === "" ? "" : `expected the service to be stopped, found that ${found}`;
  },
  undo: (plan, node) => serviceOf(plan).start(node),
  words: {
    applying: () => "stopping the service",
    applied: () => "stopped the service",
    undoing: () => "starting the service",
    undone: () => "started the service",
  },
});

function serviceOf(plan: Plan): Service {
  return plan.unit === "" ? commandService(plan) : systemdUnit(plan.unit, plan);
}
