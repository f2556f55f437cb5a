// Delays packets on kernels without netem: rules send what leaves by a device to a queue of the
// kernel's, and a process of ours holds it back for a while (native/queue/). Where the process
// dies, the kernel lets packets pass.

import { TrogdorError } from "../../../core/trogdor-error.ts";
import type { Commands } from "../../../platform/commands/commands.ts";
import type { FaultContext, FaultNode } from "../../define-fault.ts";
import { endMarked, findMarked, startMarked } from "../../marked-processes.ts";
import {
  type AddressFamily,
  applyChain,
  applyCommands,
  chainName,
  chainProblem,
  type PacketChain,
  removeChain,
} from "../../network-rules/packet-chain.ts";
import { mustRunAsRoot, runAsRoot } from "../../network-rules/run-command.ts";
import { jitterMs } from "./traffic-control.ts";

/** Plain JSON: it stands in the plan. */
export interface DelayQueue {
  readonly number: number;
  readonly latencyMs: number;
  readonly mark: string;
  readonly chains: readonly PacketChain[];
}

/** Low numbers are what people choose by hand. */
const firstNumber = 1024;
const numbers = 60_000;

/** Whether the kernel has netem: tried in a network namespace that is gone at once. */
export async function hasNetem(commands: Commands): Promise<boolean> {
  const add = ["tc", "qdisc", "add", "dev", "lo", "root", "netem", "delay", "1ms"];
  return (await runAsRoot(commands, ["unshare", "--net", ...add])).exitCode === 0;
}

/** Throws when the node can do neither. */
export async function planQueue(
  devices: readonly string[],
  latencyMs: number,
  { commands, workerId }: FaultContext,
): Promise<DelayQueue> {
  const number = firstNumber + Number(workerId % BigInt(numbers));
  const families: AddressFamily[] = [];
  for (const family of [4, 6] as const) {
    if (await hasQueueTarget(family, commands)) families.push(family);
  }
  if (!families.includes(4)) {
    throw new TrogdorError(
      "task",
      "this node's kernel has neither netem nor NFQUEUE, or iptables is missing: latencyMs " +
        "cannot be had; rateLimitKbit alone can",
    );
  }
  if ((await boundQueues(commands)).has(number)) {
    throw new TrogdorError(
      "task",
      `queue ${number} of the packet filter is used by another program`,
    );
  }
  const target = ["-j", "NFQUEUE", "--queue-num", String(number), "--queue-bypass"];
  const chains = families.map(
    (family): PacketChain => ({
      name: chainName(workerId),
      hook: "POSTROUTING",
      table: "mangle",
      family,
      rules: devices.map((device) => ["-o", device, ...target]),
    }),
  );
  return { number, latencyMs, mark: `trogdor-queue-${workerId}`, chains };
}

export function queueCommands(queue: DelayQueue): string[] {
  const rules = queue.chains.flatMap(applyCommands).map((command) => command.join(" "));
  return [`trogdor-queue ${queueArguments(queue).join(" ")}`, ...rules];
}

export async function applyQueue(queue: DelayQueue, node: FaultNode): Promise<void> {
  await startMarked("queue", queueArguments(queue), node);
  for (const chain of queue.chains) await applyChain(chain, node.commands);
}

/** "" when packets are delayed, else what was expected and what was seen. */
export async function queueProblem(queue: DelayQueue, node: FaultNode): Promise<string> {
  const found = await findMarked(queue.mark, node);
  if (found.length === 0) return `expected a process with ${queue.mark}, found none`;
  const states = await Promise.all(found.map((one) => node.processTable.threadStates(one)));
  if (states.flat().includes("T")) return `expected ${queue.mark} to run, found it stopped`;
  if (!(await boundQueues(node.commands)).has(queue.number)) {
    return `expected queue ${queue.number} of the packet filter to be bound, found that it is not`;
  }
  for (const chain of queue.chains) {
    const problem = await chainProblem(chain, node.commands);
    if (problem !== "") return problem;
  }
  return "";
}

/** The rules first: what waits is let go by the process when it ends. */
export async function removeQueue(queue: DelayQueue, node: FaultNode): Promise<void> {
  for (const chain of queue.chains) await removeChain(chain, node.commands);
  await endMarked(queue.mark, node, { inOrder: true });
}

function queueArguments({ number, latencyMs, mark }: DelayQueue): string[] {
  return [String(number), String(latencyMs * 1000), String(jitterMs(latencyMs) * 1000), mark];
}

/** Tried in a network namespace that is gone at once. */
async function hasQueueTarget(family: AddressFamily, commands: Commands): Promise<boolean> {
  const program = family === 4 ? "iptables" : "ip6tables";
  const rule = ["-A", "POSTROUTING", "-j", "NFQUEUE", "--queue-num", "1", "--queue-bypass"];
  const command = ["unshare", "--net", program, "-w", "5", "-t", "mangle", ...rule];
  return await runAsRoot(commands, command).then(
    ({ exitCode }) => exitCode === 0,
    () => false,
  );
}

/** The numbers of the queues that some program serves. */
async function boundQueues(commands: Commands): Promise<Set<number>> {
  const file = "/proc/net/netfilter/nfnetlink_queue";
  const text = await mustRunAsRoot(commands, ["cat", file]).catch(() => "");
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  return new Set(lines.map((line) => Number(line.trim().split(/\s+/)[0])));
}
