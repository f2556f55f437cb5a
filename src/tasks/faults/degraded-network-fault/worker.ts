// Degrades the devices of this node as its part of the spec says.

import { errorText, TrogdorError } from "../../../core/trogdor-error.ts";
import type { Commands } from "../../../platform/commands/commands.ts";
import { defineFault, type FaultContext } from "../../define-fault.ts";
import {
  applyQueue,
  chooseQueueTool,
  type PacketQueue,
  passCopies,
  planQueue,
  queueCommands,
  queuedDevices,
  queueNumber,
  queueProblem,
  queueUndoCommands,
  removeQueue,
} from "../../network-rules/packet-queue.ts";
import { chainName, type PacketChain } from "../../network-rules/packet-rule.ts";
import { forAllFamilies } from "../../network-rules/packet-tool.ts";
import { runAsRoot } from "../../network-rules/run-command.ts";
import { undoAll } from "../../undo-all.ts";
import { type DegradedNetworkSpec, degradeProblems } from "./spec.ts";
import {
  applyCommands,
  checkDevice,
  type DegradedDevice,
  degrade,
  degradeProblem,
  devicesOf,
  jitterOf,
  needsNetem,
  restore,
  undoCommand,
} from "./traffic-control.ts";

export interface Plan {
  /** What tc does; empty when all is done by the queue. */
  readonly devices: readonly DegradedDevice[];
  /** Does what netem would. */
  readonly queue?: PacketQueue;
}

export const degradedNetwork = defineFault<DegradedNetworkSpec, Plan>({
  async plan(spec, context) {
    const { node, commands } = context;
    const part = spec.nodeSpecs.get(node);
    if (part === undefined) throw new TrogdorError("task", `nodeSpecs has no part for ${node}`);
    const problems = degradeProblems(part);
    if (problems.length > 0) throw new TrogdorError("task", problems.join("; "));
    const { networkDevice, latencyMs, rateLimitKbit, duplicatePercent } = part;
    const names = networkDevice === "" ? await devicesOf(commands) : [networkDevice];
    if (names.length === 0) throw new TrogdorError("task", "there is no device but loopback");
    for (const name of names) await checkDevice(name, commands);
    const jitterMs = part.jitterMs === 0 ? jitterOf(latencyMs) : part.jitterMs;
    const netem = { latencyMs, jitterMs, duplicatePercent };
    if (!needsNetem(netem) || (await hasNetem(commands))) {
      return { devices: names.map((device) => ({ device, ...netem, rateLimitKbit })) };
    }
    const queue = await queueFor(names, netem, context);
    const limited = rateLimitKbit === 0 ? [] : names;
    const none = { latencyMs: 0, jitterMs: 0, duplicatePercent: 0 };
    return { devices: limited.map((device) => ({ device, ...none, rateLimitKbit })), queue };
  },
  steps: ({ devices, queue }) => ({
    targets: [
      ...devices.map(({ device }) => `all that leaves by ${device}`),
      ...(queue?.rules.chains[0]?.rules ?? [])
        .filter((rule) => rule.outDevice !== undefined)
        .map((rule) => `all that leaves by ${rule.outDevice}, through a queue`),
    ],
    ...(queue === undefined ? { by: "tc" } : { by: `NFQUEUE and ${queue.rules.tool.name}` }),
    apply: [
      ...devices.flatMap(applyCommands).map((command) => command.join(" ")),
      ...(queue === undefined ? [] : queueCommands(queue)),
    ],
    undo: [
      ...devices.map((device) => undoCommand(device).join(" ")),
      ...(queue === undefined ? [] : queueUndoCommands(queue)),
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
    await undoAll([
      ...(queue === undefined ? [] : [() => removeQueue(queue, node)]),
      ...devices.map((device) => () => restore(device, node.commands)),
    ]);
  },
  words: {
    applying: (_spec, taskId) => `enabling traffic control ${taskId}`,
    applied: (_spec, taskId, { queue }) =>
      `enabled traffic control ${taskId}${queue === undefined ? "" : " (NFQUEUE)"}`,
    undoing: (_spec, taskId) => `disabling traffic control ${taskId}`,
    undone: (_spec, taskId) => `disabled traffic control ${taskId}`,
  },
});

/** Whether the kernel has netem: tried in a network namespace that is gone at once. */
async function hasNetem(commands: Commands): Promise<boolean> {
  const add = ["tc", "qdisc", "add", "dev", "lo", "root", "netem", "delay", "1ms"];
  return (await runAsRoot(commands, ["unshare", "--net", ...add])).exitCode === 0;
}

type Netem = Pick<DegradedDevice, "latencyMs" | "jitterMs" | "duplicatePercent">;

/** The second engine: all that leaves by the devices goes through a queue. */
async function queueFor(
  devices: readonly string[],
  { latencyMs, jitterMs, duplicatePercent }: Netem,
  context: FaultContext,
): Promise<PacketQueue> {
  const { workerId, commands } = context;
  const { tool, families } = await queueTool(commands);
  const queued = await queuedDevices(tool, commands);
  const twice = devices.filter((device) => queued.has(device));
  if (twice.length > 0) {
    const message = "is degraded by another fault already (NFQUEUE); end that one first";
    throw new TrogdorError("task", `${twice.join(", ")} ${message}`);
  }
  const copies = duplicatePercent === 0 ? [] : [passCopies];
  const verdict = { queue: queueNumber(workerId) };
  const chains = families.map(
    (family): PacketChain => ({
      name: chainName(workerId),
      hook: "POSTROUTING",
      table: "mangle",
      family,
      rules: [...copies, ...devices.map((outDevice) => ({ outDevice, verdict }))],
    }),
  );
  const effect = { delayMs: latencyMs, jitterMs, duplicated: duplicatePercent / 100 };
  return await planQueue(effect, chains, tool, context);
}

async function queueTool(commands: Commands): ReturnType<typeof forAllFamilies> {
  try {
    return await forAllFamilies((families) => chooseQueueTool(families, commands));
  } catch (error) {
    throw new TrogdorError(
      "task",
      "latencyMs and duplicatePercent cannot be had, rateLimitKbit alone can: this node's kernel " +
        `has no netem, and in its place ${errorText(error)}`,
      { cause: error },
    );
  }
}
