// What packet rules alone cannot do to packets: hold them back, and send them twice. Rules hand
// packets to a queue of the kernel's, which a process of ours serves (native/queue/). Where that
// process dies, the kernel lets packets pass.

import { TrogdorError } from "../../core/trogdor-error.ts";
import type { Commands } from "../../platform/commands/commands.ts";
import type { FaultContext, FaultNode } from "../define-fault.ts";
import { endMarked, findMarked, startMarked } from "../marked-processes.ts";
import { undoAll } from "../undo-all.ts";
import { iptablesCommand, ruleArguments } from "./iptables.ts";
import { checkRules as checkNftRules } from "./nft.ts";
import { type AddressFamily, chainName, type PacketChain, type PacketRule } from "./packet-rule.ts";
import {
  applyCommands,
  applyRules,
  type PacketRules,
  removeRules,
  rulesProblem,
  undoCommands,
} from "./packet-rules.ts";
import { choosePacketTool, failureOf, type PacketTool } from "./packet-tool.ts";
import { commandText, mustRunAsRoot } from "./run-command.ts";

/** What becomes of the packets. */
export interface QueueEffect {
  readonly delayMs: number;
  /** The standard deviation of the delay. */
  readonly jitterMs: number;
  /** Which share of them is sent once more, 0 to 1. */
  readonly duplicated: number;
}

/** Plain JSON: it stands in the plan. */
export interface PacketQueue {
  readonly number: number;
  readonly effect: QueueEffect;
  /** Finds the process. */
  readonly processMark: string;
  readonly rules: PacketRules;
}

/** Low numbers are what people choose by hand. */
const firstNumber = 1024;
const numbers = 60_000;
/** The second packets carry it ("TRGD"), so that none of our rules makes a third one of them. */
const packetMark = 0x54524744;
const partsInAMillion = 1_000_000;

export function queueNumber(workerId: bigint): number {
  return firstNumber + Number(workerId % BigInt(numbers));
}

/** A rule at the front of chains that lead to a queue which duplicates. */
export const passCopies: PacketRule = { mark: packetMark, verdict: "return" };

/** What sets rules that lead to a queue; throws when nothing does. */
export async function chooseQueueTool(
  families: readonly AddressFamily[],
  commands: Commands,
): Promise<PacketTool> {
  return await choosePacketTool(families, commands, (program) =>
    queueTargetProblem(program, families, commands),
  );
}

/** Throws when the queue's number is taken; `chains` lead to `queueNumber` of the worker. */
export async function planQueue(
  effect: QueueEffect,
  chains: readonly PacketChain[],
  tool: PacketTool,
  { commands, workerId }: FaultContext,
): Promise<PacketQueue> {
  const number = queueNumber(workerId);
  if ((await boundQueues(commands)).has(number)) {
    throw new TrogdorError(
      "task",
      `queue ${number} of the packet filter is used by another program`,
    );
  }
  const rules = { tool, name: chainName(workerId), chains };
  const processMark = `trogdor-queue-${workerId}-${await networkNamespace(commands)}`;
  return { number, effect, processMark, rules };
}

export function queueCommands(queue: PacketQueue): string[] {
  const rules = applyCommands(queue.rules).map(commandText);
  return [`trogdor-queue ${queueArguments(queue).join(" ")}`, ...rules];
}

export function queueUndoCommands({ rules, processMark }: PacketQueue): string[] {
  const commands = undoCommands(rules).map(commandText);
  return [...commands, `end the process with ${processMark}`];
}

export async function applyQueue(queue: PacketQueue, node: FaultNode): Promise<void> {
  await startMarked("queue", queueArguments(queue), node);
  await applyRules(queue.rules, node.commands);
}

/** "" when packets are handed over and served, else what was expected and what was seen. */
export async function queueProblem(queue: PacketQueue, node: FaultNode): Promise<string> {
  const { processMark, number } = queue;
  const found = await findMarked(processMark, node);
  if (found.length === 0) return `expected a process with ${processMark}, found none`;
  const states = await Promise.all(found.map((one) => node.processTable.threadStates(one)));
  if (states.flat().includes("T")) return `expected ${processMark} to run, found it stopped`;
  if (!(await boundQueues(node.commands)).has(number)) {
    return `expected queue ${number} of the packet filter to be bound, found that it is not`;
  }
  return await rulesProblem(queue.rules, node.commands);
}

/** The rules first: what waits is let go by the process when it ends. */
export async function removeQueue(queue: PacketQueue, node: FaultNode): Promise<void> {
  await undoAll([
    () => removeRules(queue.rules, node.commands),
    () => endMarked(queue.processMark, node, { inOrder: true }),
  ]);
}

function queueArguments({ number, effect, processMark }: PacketQueue): string[] {
  const { delayMs, jitterMs, duplicated } = effect;
  const parts = Math.round(duplicated * partsInAMillion);
  const numbers = [number, delayMs * 1000, jitterMs * 1000, parts, packetMark];
  return [...numbers.map(String), processMark];
}

/** Tried in a network namespace that is gone at once, or without a change; "" when it works. */
async function queueTargetProblem(
  program: PacketTool["program"],
  families: readonly AddressFamily[],
  commands: Commands,
): Promise<string> {
  const rule: PacketRule = { verdict: { queue: 1 } };
  for (const family of families) {
    const problem =
      program === "nft"
        ? await nftQueueProblem(rule, family, commands)
        : await failureOf(commands, [
            ...["unshare", "--net"],
            ...iptablesCommand(program, family, "-t", "mangle", "-A", "POSTROUTING"),
            ...ruleArguments(rule, family),
          ]);
    if (problem !== "") return `no NFQUEUE here: ${problem}`;
  }
  return "";
}

async function nftQueueProblem(rule: PacketRule, family: AddressFamily, commands: Commands) {
  const name = "TROGDOR-try";
  const chain = { name, hook: "POSTROUTING", table: "mangle", family, rules: [rule] } as const;
  try {
    await checkNftRules(name, [chain], commands);
    return "";
  } catch {
    return "the kernel's nf_tables cannot queue";
  }
}

/** The devices whose packets one of our queues gets already, whichever fault sends them there. */
export async function queuedDevices(tool: PacketTool, commands: Commands): Promise<Set<string>> {
  const { program } = tool;
  const list =
    program === "nft"
      ? ["nft", "list", "ruleset", "inet"]
      : iptablesCommand(program, 4, "-t", "mangle", "-S");
  const text = await mustRunAsRoot(commands, list);
  const rules = text.matchAll(/(?: -o |oifname ")([^\s"]+)"? .*\b(?:NFQUEUE|queue)\b/g);
  return new Set([...rules].map((match) => match[1]!));
}

/** Its inode: in another one the same worker id may be somebody else's. */
async function networkNamespace(commands: Commands): Promise<string> {
  const { stdout } = await commands.run(["readlink", "/proc/self/ns/net"]);
  return stdout.replace(/\D/g, "");
}

/** The numbers of the queues that some program serves. */
async function boundQueues(commands: Commands): Promise<Set<number>> {
  const file = "/proc/net/netfilter/nfnetlink_queue";
  const text = await mustRunAsRoot(commands, ["cat", file]).catch(() => "");
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  return new Set(lines.map((line) => Number(line.trim().split(/\s+/)[0])));
}
