// `trogdor exec --plan`: a fault in words, without any change to the node.

import { TrogdorError } from "../../core/trogdor-error.ts";
import { silentLog } from "../../platform/log/log.ts";
import { exitCodes } from "../exit-codes.ts";
import type { LoadedTask } from "../load-task.ts";
import type { ModeHost } from "../mode-host.ts";
import type { ExecOptions } from "./exec-options.ts";
import type { ExecPlace } from "./exec-place.ts";
import { execTaskId, execWorkerId } from "./running-task.ts";

export async function showPlan(
  { type, spec }: LoadedTask,
  place: ExecPlace,
  options: ExecOptions,
  host: ModeHost,
): Promise<number> {
  if (type.loadFault === undefined) {
    throw new TrogdorError("usage", `Option "--plan" is for faults; ${type.shortName} is none`);
  }
  const { realFaultNode } = await import("../agent/fault-host.ts");
  const fault = await type.loadFault();
  const plan = await fault.plan(spec, {
    ...realFaultNode,
    allowsClock: options.allowsClock,
    taskId: execTaskId,
    workerId: execWorkerId(type.kind),
    node: place.node,
    topology: place.topology,
    log: silentLog,
  });
  const steps = fault.steps(plan);
  if (options.json) {
    host.out.write(`${JSON.stringify(steps)}\n`);
    return exitCodes.success.code;
  }
  const by = steps.by === undefined ? "" : ` by ${steps.by}`;
  host.out.write(`${type.shortName} on ${place.node}${by}; nothing was changed\n`);
  for (const [title, lines] of [
    ["Hits", steps.targets],
    ["Runs", steps.apply],
    ["Undone by", steps.undo],
  ] as const) {
    host.out.write(`\n${title}\n${lines.map((line) => `  ${line}\n`).join("")}`);
  }
  return exitCodes.success.code;
}
