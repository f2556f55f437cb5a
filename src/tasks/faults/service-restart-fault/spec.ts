// The spec of ServiceRestartFault.

import type { InferOutput } from "valibot";
import type { Problem } from "../../../core/trogdor-error.ts";
import { taskEntries } from "../../../spec/task-entries.ts";
import { field } from "../../../spec/types/field.ts";
import { listOf } from "../../../spec/types/list.ts";
import { specObject } from "../../../spec/types/object.ts";
import { text } from "../../../spec/types/text.ts";
import { nodeFields } from "../../node-fault.ts";

export const CLASS_NAME = "trogdor.ServiceRestartFaultSpec";
export const SHORT_NAME = "ServiceRestartFault";

const command = (description: string) => field(listOf(text()), [], description);

export const serviceRestartSchema = specObject(
  {
    ...taskEntries(CLASS_NAME, SHORT_NAME),
    ...nodeFields(),
    unit: field(text(), "", "A systemd unit, such as kafka.service. Empty: the three commands."),
    stopCommand: command("Stops the service: program and arguments."),
    startCommand: command("Starts the service."),
    statusCommand: command("Ends with 0 when the service runs, with anything else when not."),
  },
  { typeField: "class" },
);

export type ServiceRestartSpec = InferOutput<typeof serviceRestartSchema>;

export interface ServiceCommands {
  readonly stop: readonly string[];
  readonly start: readonly string[];
  readonly status: readonly string[];
}

export function serviceCommands(spec: ServiceRestartSpec): ServiceCommands {
  const { unit, stopCommand, startCommand, statusCommand } = spec;
  if (unit === "") return { stop: stopCommand, start: startCommand, status: statusCommand };
  const systemctl = (...args: string[]) => ["systemctl", ...args, "--", unit];
  return {
    stop: systemctl("stop", "--no-block"),
    start: systemctl("start", "--no-block"),
    status: [],
  };
}

export function serviceProblems(spec: ServiceRestartSpec): Problem[] {
  const { unit } = spec;
  const names = ["stopCommand", "startCommand", "statusCommand"] as const;
  const given = names.filter((name) => spec[name].length > 0);
  if (unit !== "" && given.length > 0) {
    return [{ path: "unit", message: `expected either a unit or commands, found ${given[0]} too` }];
  }
  if (unit !== "") return [];
  const missing = names.filter((name) => spec[name].length === 0);
  return missing.map((path) => ({ path, message: "expected a command, as no unit is given" }));
}
