// DegradedNetworkFault on a real device, in a network namespace of the test's own.

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import {
  type NetworkNamespace,
  networkNamespace,
} from "../../../../test/support/network-namespace.ts";
import { realClock } from "../../../platform/clock/real-clock.ts";
import { realFiles } from "../../../platform/files/real-files.ts";
import { silentLog } from "../../../platform/log/log.ts";
import { realNames } from "../../../platform/names/real-names.ts";
import { realProcessTable } from "../../../platform/process-table/real-process-table.ts";
import { realSystemClock } from "../../../platform/system-clock/real-system-clock.ts";
import type { FaultContext } from "../../define-fault.ts";
import { describeFault } from "../../describe-fault.suite.ts";
import { checkTaskSpec, parseTaskSpec } from "../../parse-task-spec.ts";
import { makeScene } from "./scene.suite.ts";
import { applyCommands, jitterOf } from "./traffic-control.ts";
import { degradedNetwork } from "./worker.ts";

describeFault("DegradedNetworkFault", makeScene);

let namespace: NetworkNamespace;
let context: FaultContext;
beforeAll(async () => {
  namespace = await networkNamespace();
  await namespace.run("ip", "link", "add", "left0", "type", "veth", "peer", "name", "right0");
  for (const device of ["left0", "right0"]) await namespace.run("ip", "link", "set", device, "up");
  context = {
    taskId: "slow",
    workerId: 1n,
    node: "node1",
    topology: { nodes: new Map() },
    clock: realClock,
    log: silentLog,
    commands: namespace.commands,
    names: realNames,
    processTable: realProcessTable,
    files: realFiles,
    systemClock: realSystemClock,
  };
});
afterAll(async () => {
  await namespace[Symbol.asyncDispose]();
});

function parse(part: object, node = "node1") {
  const spec = { class: "DegradedNetworkFault", durationMs: 1, nodeSpecs: { [node]: part } };
  return parseTaskSpec(JSON.stringify(spec));
}

const qdiscs = () => namespace.run("tc", "qdisc", "show");

describe("DegradedNetworkFault", () => {
  test("limits the rate of the device and gives it back", async () => {
    const before = await qdiscs();
    const { spec } = parse({ networkDevice: "left0", rateLimitKbit: 3000 });
    const plan = await degradedNetwork.plan(spec, context);
    expect(await degradedNetwork.probe(plan, context)).toContain("found noqueue");
    await degradedNetwork.apply(plan, context);
    expect(await qdiscs()).toMatch(/tbf 1: dev left0 root refcnt \d rate 3Mbit burst 128Kb/);
    expect(await degradedNetwork.probe(plan, context)).toBe("");
    await expect(degradedNetwork.plan(spec, context)).rejects.toThrow(
      "left0 has the queueing discipline tbf 1: already",
    );
    await degradedNetwork.undo(plan, context);
    expect(await qdiscs()).toBe(before);
    await degradedNetwork.undo(plan, context);
  });

  test("takes every device but loopback when none is named", async () => {
    const before = await qdiscs();
    const plan = await degradedNetwork.plan(parse({ rateLimitKbit: 500 }).spec, context);
    expect(degradedNetwork.steps(plan).undo).toEqual([
      "tc qdisc del dev right0 root",
      "tc qdisc del dev left0 root",
    ]);
    await degradedNetwork.apply(plan, context);
    expect(await degradedNetwork.probe(plan, context)).toBe("");
    await degradedNetwork.undo(plan, context);
    expect(await qdiscs()).toBe(before);
  });

  test("notices another rate, and that someone took it away", async () => {
    const { spec } = parse({ networkDevice: "left0", rateLimitKbit: 3000 });
    const plan = await degradedNetwork.plan(spec, context);
    await degradedNetwork.apply(plan, context);
    const limit = ["rate", "1000kbit", "burst", "1mbit", "latency", "500ms"];
    const root = ["root", "handle", "1:0", "tbf"];
    await namespace.run("tc", "qdisc", "change", "dev", "left0", ...root, ...limit);
    expect(await degradedNetwork.probe(plan, context)).toContain("found 1000 kbit/s");
    await namespace.run("tc", "qdisc", "del", "dev", "left0", "root");
    expect(await degradedNetwork.probe(plan, context)).toContain("found noqueue");
    await degradedNetwork.undo(plan, context);
  });

  test("leaves another's discipline alone when it undoes", async () => {
    const { spec } = parse({ networkDevice: "left0", rateLimitKbit: 3000 });
    const plan = await degradedNetwork.plan(spec, context);
    await namespace.run("tc", "qdisc", "add", "dev", "left0", "root", "handle", "7:", "htb");
    await degradedNetwork.undo(plan, context);
    expect(await qdiscs()).toContain("htb 7: dev left0 root");
    await namespace.run("tc", "qdisc", "del", "dev", "left0", "root");
  });

  test("names a device that is not there, and a node without a part", async () => {
    const missing = parse({ networkDevice: "nosuch0", rateLimitKbit: 1 }).spec;
    await expect(degradedNetwork.plan(missing, context)).rejects.toThrow(
      'Cannot find device "nosuch0"',
    );
    const other = parse({ rateLimitKbit: 1 }, "other").spec;
    await expect(degradedNetwork.plan(other, context)).rejects.toThrow("no part for node1");
  });

  test.each([
    [{ latencyMs: -1 }, "Expected non-negative values for latencyMs and rateLimitKbit"],
    [{}, "both 0"],
  ])("refuses %p before anything is changed", async (part, message) => {
    const { taskType, spec } = parse(part);
    const [problem] = await checkTaskSpec(taskType, spec);
    expect(problem).toMatchObject({ path: "nodeSpecs.node1" });
    expect(problem?.message).toContain(message);
    await expect(degradedNetwork.plan(spec, context)).rejects.toThrow(message);
  });

  test.each([
    [100, 3000, ["netem delay 100ms 10ms distribution paretonormal", "parent 1:1 handle 10: tbf"]],
    [1, 0, ["root handle 1:0 netem delay 1ms 1ms distribution paretonormal"]],
    [0, 50, ["root handle 1:0 tbf rate 50kbit burst 1mbit latency 500ms"]],
  ])("runs the reference's commands for %p ms and %p kbit/s", (latencyMs, rateLimitKbit, parts) => {
    const part = { latencyMs, jitterMs: jitterOf(latencyMs), duplicatePercent: 0, rateLimitKbit };
    const commands = applyCommands({ device: "eth0", ...part });
    expect(commands.length).toBe(parts.length);
    for (const [index, part] of parts.entries()) expect(commands[index]!.join(" ")).toContain(part);
  });
});
