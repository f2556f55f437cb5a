// Degrades the devices of this node as its part of the spec says.

import { TrogdorError } from "../../../core/trogdor-error.ts";
import { defineFault } from "../../define-fault.ts";
import { undoCommands } from "../../network-rules/packet-chain.ts";
import {
  applyQueue,
  type DelayQueue,
  hasNetem,
  planQueue,
  queueCommands,
  queueProblem,
  removeQueue,
} from "./delay-queue.ts";
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
  /** What tc does; empty when all is done by the queue. */
  readonly devices: readonly DegradedDevice[];
  /** Delays in place of netem. */
  readonly queue?: DelayQueue;
}

export const degradedNetwork = defineFault<DegradedNetworkSpec, Plan>({
  async plan(spec, context) {
    const { node, commands } = context;
    const part = spec.nodeSpecs.get(node);
    if (part === undefined) throw new TrogdorError("task", `nodeSpecs has no part for ${node}`);
    const problem = specProblem(part);
    if (problem !== "") throw new TrogdorError("task", problem);
    const { networkDevice, latencyMs, rateLimitKbit } = part;
    const names = networkDevice === "" ? await devicesOf(commands) : [networkDevice];
    if (names.length === 0) throw new TrogdorError("task", "there is no device but loopback");
    for (const name of names) await checkDevice(name, commands);
    if (latencyMs === 0 || (await hasNetem(commands))) {
      return { devices: names.map((device) => ({ device, latencyMs, rateLimitKbit })) };
    }
    const queue = await planQueue(names, latencyMs, context);
    const limited = rateLimitKbit === 0 ? [] : names;
    return { devices: limited.map((device) => ({ device, latencyMs: 0, rateLimitKbit })), queue };
  },
  steps: ({ devices, queue }) => ({
    targets: [
      ...devices.map(({ device }) => `all that leaves by ${device}`),
      ...(queue?.chains[0]?.rules ?? []).map((rule) => `all that leaves by ${rule[1]}, delayed`),
    ],
    apply: [
      ...devices.flatMap(applyCommands).map((command) => command.join(" ")),
      ...(queue === undefined ? [] : queueCommands(queue)),
    ],
    undo: [
      ...devices.map((device) => undoCommand(device).join(" ")),
      ...(queue?.chains ?? []).flatMap(undoCommands).map((command) => command.join(" ")),
      ...(queue === undefined ? [] : [`end the process with ${queue.mark}`]),
    ],
  }),
  async apply({ devices, queue }, node) {
    for (const device of devices) await degrade(device, node.commands);
    if (queue !== undefined) await applyQueue(queue, node);
  },
  async probe({ devices, queue }, node) {
    for (const device of devices) {
      const problem = await degradeProblem(device, node.commands);
      if (problem !== "") return problem;
    }
    return queue === undefined ? "" : await queueProblem(queue, node);
  },
  async undo({ devices, queue }, node) {
    if (queue !== undefined) await removeQueue(queue, node);
    for (const device of devices) await restore(device, node.commands);
  },
  words: {
    applying: (_spec, taskId) => `enabling traffic control ${taskId}`,
    applied: (_spec, taskId, { queue }) =>
      `enabled traffic control ${taskId}${queue === undefined ? "" : " (NFQUEUE)"}`,
    undoing: (_spec, taskId) => `disabling traffic control ${taskId}`,
    undone: (_spec, taskId) => `disabled traffic control ${taskId}`,
  },
});
