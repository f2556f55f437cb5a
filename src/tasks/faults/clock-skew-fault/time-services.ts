// The services that keep the clock right, which would undo the fault at once.

import type { FaultNode } from "../../define-fault.ts";
import { mustRunAsRoot } from "../../network-rules/run-command.ts";
import { undoAll } from "../../undo-all.ts";

const units = [
  "systemd-timesyncd",
  "chronyd",
  "chrony",
  "ntpd",
  "ntp",
  "ntpsec",
  "openntpd",
  "ptp4l",
  "phc2sys",
];

/** Those that run; none on a node without systemd. */
export async function activeTimeServices({ commands }: FaultNode): Promise<string[]> {
  try {
    // Prints a line for each unit, in their order.
    const { stdout } = await commands.run(["systemctl", "is-active", ...units]);
    const states = stdout.trim().split("\n");
    return units.filter((_, index) => states[index] === "active");
  } catch {
    return [];
  }
}

export async function stopServices(services: readonly string[], node: FaultNode): Promise<void> {
  for (const unit of services) await mustRunAsRoot(node.commands, ["systemctl", "stop", unit]);
}

export async function startServices(services: readonly string[], node: FaultNode): Promise<void> {
  if (services.length === 0) return;
  const active = await activeTimeServices(node);
  const stopped = services.filter((unit) => !active.includes(unit));
  await undoAll(
    stopped.map((unit) => () => mustRunAsRoot(node.commands, ["systemctl", "start", unit])),
  );
}
