// A network partition on real rules, in a network namespace of the test's own.

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import {
  type NetworkNamespace,
  networkNamespace,
} from "../../../../test/support/network-namespace.ts";
import type { Topology } from "../../../core/topology.ts";
import { realClock } from "../../../platform/clock/real-clock.ts";
import { realFiles } from "../../../platform/files/real-files.ts";
import { silentLog } from "../../../platform/log/log.ts";
import type { Names } from "../../../platform/names/names.ts";
import { realProcessTable } from "../../../platform/process-table/real-process-table.ts";
import { realSystemClock } from "../../../platform/system-clock/real-system-clock.ts";
import type { FaultContext } from "../../define-fault.ts";
import { describeFault } from "../../describe-fault.suite.ts";
import { toolScenes } from "../../network-rules/tool-scenes.suite.ts";
import { checkTaskSpec, parseTaskSpec } from "../../parse-task-spec.ts";
import { makeScene } from "./scene.suite.ts";
import { networkPartition } from "./worker.ts";

describeFault("NetworkPartitionFault", makeScene);
for (const [how, makeOther] of Object.entries(toolScenes(makeScene))) {
  describeFault(`NetworkPartitionFault ${how},`, makeOther);
}

const addresses: Record<string, string> = {
  host1: "192.0.2.1",
  host2: "192.0.2.2",
  host3: "2001:db8::3",
};
const names: Names = {
  async resolve(hostname) {
    const address = addresses[hostname]!;
    return [{ address, family: address.includes(":") ? 6 : 4 }];
  },
};
const topology: Topology = {
  nodes: new Map(
    [1, 2, 3].map((number) => {
      const name = `node0${number}`;
      return [name, { name, hostname: `host${number}`, tags: [], settings: new Map() }];
    }),
  ),
};

let namespace: NetworkNamespace;
beforeAll(async () => {
  namespace = await networkNamespace();
});
afterAll(async () => {
  await namespace[Symbol.asyncDispose]();
});

function contextOf(node: string): FaultContext {
  return {
    taskId: "split",
    workerId: 4611686018427387902n,
    node,
    topology,
    clock: realClock,
    log: silentLog,
    commands: namespace.commands,
    names,
    processTable: realProcessTable,
    files: realFiles,
    systemClock: realSystemClock,
  };
}

function specOf(partitions: string[][]) {
  const text = JSON.stringify({ class: "NetworkPartitionFault", partitions });
  return parseTaskSpec(text).spec;
}

async function rules(): Promise<string> {
  const saved = await namespace.run(
    "sh",
    "-c",
    "iptables-save -t filter; ip6tables-save -t filter",
  );
  return saved
    .split("\n")
    .filter((line) => line.startsWith("-A") || line.startsWith(":TROGDOR"))
    .join("\n");
}

const split = [["node01", "node02"], ["node03"]];

describe("NetworkPartitionFault", () => {
  test("case 30: blocks nodes of other groups in name order, gives everything back", async () => {
    await namespace.run("iptables", "-A", "INPUT", "-p", "tcp", "-j", "ACCEPT");
    const before = await rules();
    const context = contextOf("node03");
    const plan = await networkPartition.plan(specOf(split), context);
    expect(await rules()).toBe(before);
    expect(await networkPartition.probe(plan, context)).toContain("expected INPUT to begin");
    await networkPartition.apply(plan, context);
    expect(await networkPartition.probe(plan, context)).toBe("");
    const chain = "TROGDOR-4611686018427387902";
    const rule = (address: string, node: string) =>
      `-A ${chain} -s ${address}/32 -p tcp -m comment --comment ${node} -j DROP`;
    expect((await rules()).split("\n")).toEqual([
      `:${chain} - [0:0]`,
      `-A INPUT -j ${chain}`,
      "-A INPUT -p tcp -j ACCEPT",
      rule("192.0.2.1", "node01"),
      rule("192.0.2.2", "node02"),
    ]);
    await networkPartition.undo(plan, context);
    expect(await rules()).toBe(before);
    await networkPartition.undo(plan, context);
    expect(await rules()).toBe(before);
    await namespace.run("iptables", "-F", "INPUT");
  });

  test("uses ip6tables for IPv6", async () => {
    const context = contextOf("node01");
    const plan = await networkPartition.plan(specOf(split), context);
    await networkPartition.apply(plan, context);
    expect(await rules()).toContain(
      "-s 2001:db8::3/128 -p tcp -m comment --comment node03 -j DROP",
    );
    await networkPartition.undo(plan, context);
    expect(await rules()).toBe("");
  });

  test("notices a jump that was removed or is not in front, and a missing rule", async () => {
    const context = contextOf("node03");
    const plan = await networkPartition.plan(specOf(split), context);
    const chain = "TROGDOR-4611686018427387902";
    await networkPartition.apply(plan, context);
    await namespace.run("iptables", "-I", "INPUT", "-j", "ACCEPT");
    expect(await networkPartition.probe(plan, context)).toContain('found "-A INPUT -j ACCEPT"');
    await namespace.run("iptables", "-D", "INPUT", "-j", "ACCEPT");
    expect(await networkPartition.probe(plan, context)).toBe("");
    await namespace.run("iptables", "-D", chain, "1");
    expect(await networkPartition.probe(plan, context)).toContain("expected 2 rules");
    await namespace.run("iptables", "-D", "INPUT", "-j", chain);
    expect(await networkPartition.probe(plan, context)).toContain("found no rule");
    await networkPartition.undo(plan, context);
    expect(await rules()).toBe("");
  });

  test("undoes what was applied half", async () => {
    const context = contextOf("node03");
    const plan = await networkPartition.plan(specOf(split), context);
    await namespace.run("iptables", "-N", "TROGDOR-4611686018427387902");
    await networkPartition.undo(plan, context);
    expect(await rules()).toBe("");
  });

  test("names unknown nodes and the known ones", async () => {
    const plan = networkPartition.plan(specOf([["node03"], ["zz"]]), contextOf("node03"));
    await expect(plan).rejects.toThrow("unknown node zz; the cluster's nodes are node01, node02");
  });

  test.each([
    [{ program: "iptables", name: "iptables-nft" }, "created network partition split"],
    [{ program: "nft", name: "nft" }, "created network partition split (nft)"],
  ])("tells of %p in the status only what is not as in Java", (tool, words) => {
    const plan = { rules: { tool, name: "TROGDOR-1", chains: [] } };
    expect(networkPartition.words.applied(specOf(split), "split", plan)).toBe(words);
    expect(networkPartition.steps(plan).by).toBe(tool.name);
  });

  test("is refused when nobody would be cut off", async () => {
    const partitions = [["node01", "node02"], []];
    const { taskType, spec } = parseTaskSpec(
      JSON.stringify({ class: "NetworkPartitionFault", durationMs: 1, partitions }),
    );
    const message = "only one partition has nodes, so nobody would be cut off";
    expect((await checkTaskSpec(taskType, spec))[0]?.message).toStartWith(message);
    await expect(networkPartition.plan(spec, contextOf("node01"))).rejects.toThrow(message);
  });
});
