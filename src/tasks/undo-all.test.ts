// What an undo does with the rest when one of its parts cannot be put back.

import { describe, expect, test } from "bun:test";
import { createSimulatedClock } from "../platform/clock/simulated-clock.ts";
import type { CommandResult } from "../platform/commands/commands.ts";
import type { FaultNode } from "./define-fault.ts";
import { clockSkew } from "./faults/clock-skew-fault/worker.ts";
import { degradedNetwork } from "./faults/degraded-network-fault/worker.ts";
import { resourceStress } from "./faults/resource-stress-fault/worker.ts";
import { removeRules } from "./network-rules/packet-rules.ts";
import { undoAll } from "./undo-all.ts";

/** Notes what is run on it; `fails` says of which commands it is the reason. */
function nodeWhere(fails: string, answer = "") {
  const ran: string[] = [];
  const run = async (words: readonly string[]): Promise<CommandResult> => {
    const command = words.join(" ");
    ran.push(command);
    if (command.includes(fails)) return { exitCode: 1, stdout: "", stderr: "it is locked" };
    return { exitCode: 0, stdout: answer, stderr: "" };
  };
  const clock = createSimulatedClock();
  return { ran, node: { clock, commands: { isRoot: true, run } } as unknown as FaultNode };
}

describe("an undo of several parts", () => {
  test("takes every step in order, and tells the first error", async () => {
    const taken: number[] = [];
    const step = (number: number) => async () => {
      taken.push(number);
      if (number !== 2) throw new Error(`step ${number}`);
    };
    await expect(undoAll([1, 2, 3].map(step))).rejects.toThrow("step 1");
    expect(taken).toEqual([1, 2, 3]);
    await undoAll([step(2)]);
  });

  test("restores the other devices", async () => {
    const { ran, node } = nodeWhere("dev a", '[{"kind":"tbf","handle":"1:","root":true}]');
    const limit = { latencyMs: 0, jitterMs: 0, duplicatePercent: 0, rateLimitKbit: 8 };
    const devices = ["a", "b"].map((device) => ({ device, ...limit }));
    await expect(degradedNetwork.undo({ devices }, node)).rejects.toThrow("it is locked");
    expect(ran.at(-1)).toBe("tc qdisc del dev b root");
  });

  test("removes the chains of the other protocol", async () => {
    const { ran, node } = nodeWhere("iptables", "-N TROGDOR-1");
    const chains = ([4, 6] as const).map(
      (family) => ({ name: "TROGDOR-1", hook: "INPUT", family, rules: [] }) as const,
    );
    const tool = { program: "iptables", name: "iptables-legacy" } as const;
    const removed = removeRules({ tool, name: "TROGDOR-1", chains }, node.commands);
    await expect(removed).rejects.toThrow("it is locked");
    expect(ran.at(-1)).toBe("ip6tables -w 5 -X TROGDOR-1");
  });

  test("starts the other time services, also when the clock cannot be set", async () => {
    const { ran, node } = nodeWhere("start ptp4l");
    const systemClock = {
      realtimeUs: () => 0,
      bootUs: () => 0,
      setRealtimeUs: () => {
        throw new Error("not permitted");
      },
    };
    const plan = { baseUs: 1e9, services: ["ptp4l", "phc2sys"] };
    const undo = clockSkew.undo(plan, { ...node, systemClock });
    await expect(undo).rejects.toThrow("not permitted");
    expect(ran.slice(-2)).toEqual(["systemctl start ptp4l", "systemctl start phc2sys"]);
  });

  test("frees the disk when a process cannot be ended, and fails", async () => {
    const { node } = nodeWhere("nothing");
    const removed: string[] = [];
    const process = { pid: 7, startTicks: 1, command: ["stress", "mark"] };
    const hung = {
      ...node,
      processTable: { list: async () => [process], signal: async () => true },
      files: { remove: async (path: string) => void removed.push(path) },
    } as unknown as FaultNode;
    const undo = resourceStress.undo({ mark: "mark", fillPath: "/data/mark" }, hung);
    await expect(undo).rejects.toThrow("process 7 (mark) is still there 5 s after it was to end");
    expect(removed).toEqual(["/data/mark"]);
  });
});
