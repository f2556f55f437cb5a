// Degrades the devices of this node as its part of the spec says.

import { TrogdorError } from "../../../core/trogdor-error.ts";
import { defineFault } from "../../define-fault.ts";
import { type DegradedNetworkSpec, degradeProblem as specProblem } from "./spec.ts";
import {
  applyCommands,
  checkDevice,
  type DegradedDevice,
  degrade,
  degradeProblem,
  devicesOf,
  restore,
  undoCommand,
} from "./traffic-control.ts";

interface Plan {
  readonly devices: readonly DegradedDevice[];
}

export const degradedNetwork = defineFault<DegradedNetworkSpec, Plan>({
  async plan(spec, { node, commands }) {
    const part = spec.nodeSpecs.get(node);
    if (part === undefined) throw new TrogdorError("task", `nodeSpecs has no part for ${node}`);
    const problem = specProblem(part);
    if (problem !== "") throw new TrogdorError("task", problem);
    const { networkDevice, latencyMs, rateLimitKbit } = part;
    const names = networkDevice === "" ? await devicesOf(commands) : [networkDevice];
    if (names.length === 0) throw new TrogdorError("task", "there is no device but loopback");
    for (const name of names) await checkDevice(name, commands);
    return { devices: names.map((device) => ({ device, latencyMs, rateLimitKbit })) };
  },
  steps: ({ devices }) => ({
    targets: devices.map(({ device }) => `all that leaves by ${device}`),
    apply: devices.flatMap(applyCommands).map((command) => command.join(" ")),
    undo: devices.map((device) => undoCommand(device).join(" ")),
  }),
  async apply({ devices }, node) {
    for (const device of devices) await degrade(device, node.commands);
  },
  async probe({ devices }, node) {
    for (const device of devices) {
      const problem = await degradeProblem(device, node.commands);
      if (problem !== "") return problem;
    }
    return "";
  },
  async undo({ devices }, node) {
    for (const device of devices) await restore(device, node.commands);
  },
  words: {
    applying: (_spec, taskId) => `enabling traffic control ${taskId}`,
    applied: (_spec, taskId) => `enabled traffic control ${taskId}`,
    undoing: (_spec, taskId) => `disabling traffic control ${taskId}`,
    undone: (_spec, taskId) => `disabled traffic control ${taskId}`,
  },
});
