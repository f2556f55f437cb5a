// NetworkFault: its rules, what it refuses, and its effect on real packets between two namespaces.

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import {
  connectNamespaces,
  type NetworkNamespace,
  networkNamespace,
} from "../../../../test/support/network-namespace.ts";
import type { FaultContext } from "../../define-fault.ts";
import { describeFault } from "../../describe-fault.suite.ts";
import { sceneContext, sceneTopology } from "../../fault-scene.suite.ts";
import { ruleArguments } from "../../network-rules/iptables.ts";
import { checkTaskSpec, parseTaskSpec } from "../../parse-task-spec.ts";
import { chainsOf } from "./rules.ts";
import { makeScene, otherScenes } from "./scene.suite.ts";
import type { NetworkFaultSpec } from "./spec.ts";
import { networkFault } from "./worker.ts";

describeFault("NetworkFault", makeScene);
for (const [how, makeOther] of Object.entries(otherScenes)) {
  describeFault(`NetworkFault ${how},`, makeOther);
}

function parse(fields: object) {
  const all = { class: "NetworkFault", durationMs: 1, nodeNames: ["a"], ...fields };
  return parseTaskSpec(JSON.stringify(all));
}

function specOf(fields: object): NetworkFaultSpec {
  return parse(fields).spec as unknown as NetworkFaultSpec;
}

describe("the rules of a NetworkFault", () => {
  const ruleLines = (fields: object, address: string | undefined = "192.0.2.2") =>
    chainsOf(specOf(fields), [{ family: 4, address }], { local: [8888], remote: [] }, 1n).map(
      ({ hook, rules }) => [hook, ...rules.map((rule) => ruleArguments(rule, 4).join(" "))],
    );
  const exemptIn = "-p tcp -m multiport --dports 8888 -j RETURN";
  const exemptOut = "-p tcp -m multiport --sports 8888 -j RETURN";

  test.each([
    [{ direction: "in" }, [["INPUT", exemptIn, "-s 192.0.2.2 -j DROP"]]],
    [{ direction: "out" }, [["OUTPUT", exemptOut, "-d 192.0.2.2 -j DROP"]]],
    [
      { direction: "in", localPorts: [9092] },
      [
        [
          "INPUT",
          exemptIn,
          "-p tcp -s 192.0.2.2 -m multiport --dports 9092 -j DROP",
          "-p udp -s 192.0.2.2 -m multiport --dports 9092 -j DROP",
        ],
      ],
    ],
    [
      { direction: "out", peerPorts: [9092, 9093], action: "reset" },
      [
        [
          "OUTPUT",
          exemptOut,
          "-p tcp -d 192.0.2.2 -m multiport --dports 9092,9093 -j REJECT --reject-with tcp-reset",
        ],
      ],
    ],
    [
      { direction: "in", action: "reject", probability: 0.25, protocol: "udp" },
      [
        [
          "INPUT",
          exemptIn,
          "-p udp -s 192.0.2.2 -m statistic --mode random --probability 0.25 " +
            "-j REJECT --reject-with icmp-port-unreachable",
        ],
      ],
    ],
  ])("of %j", (fields, lines) => {
    expect(ruleLines(fields)).toEqual(lines);
  });

  test("hold at most 15 ports each", () => {
    const ports = Array.from({ length: 31 }, (_, index) => 9000 + index);
    const [input] = ruleLines({ localPorts: ports, protocol: "tcp" });
    expect(input!.length).toBe(2 + 3);
  });
});

describe("a NetworkFault is refused", () => {
  test.each([
    [{}, "peers", "cut all traffic of the node"],
    [{ peers: ["0.0.0.0/0"] }, "peers", "cut all traffic of the node"],
    [{ peers: ["192.0.2.1", "::/0"] }, "peers", "cut all traffic of the node"],
    [{ probability: 0 }, "probability", "above 0 up to 1"],
    [{ peers: ["b"], localPorts: [0, 70_000] }, "localPorts", "found 0, 70000"],
    [{ peers: ["b"], action: "delay" }, "latencyMs", "expected 1 to 60000 ms"],
    [{ peers: ["b"], jitterMs: 5 }, "jitterMs", 'is for the action "delay", found 5 beside "drop"'],
    [{ peers: ["b"], action: "reset", protocol: "udp" }, "protocol", "only TCP can be reset"],
  ])("before anything is changed: %j", async (fields, path, message) => {
    const { taskType, spec } = parse(fields);
    const problems = await checkTaskSpec(taskType, spec);
    const problem = problems.find((one) => one.path === path);
    expect(problem?.message ?? "").toContain(message);
  });

  test.each([
    ["zz", "is no address, no network and none of the nodes a, b, self"],
    ["10.0.0.0/33", "is no address, no network"],
    ["fe80::1%eth0", "is no address, no network"],
    ["a", "is this node itself"],
    ["self", "(127.0.0.1) is this node itself"],
  ])("for the peer %s", async (peer, message) => {
    const nodes = { a: "192.0.2.1", b: "192.0.2.2", self: "127.0.0.1" };
    const context = { ...(await anyContext()), topology: sceneTopology(nodes) };
    await expect(networkFault.plan(specOf({ peers: [peer] }), context)).rejects.toThrow(message);
  });
});

async function anyContext(): Promise<FaultContext> {
  const scene = await makeScene();
  await scene[Symbol.asyncDispose]();
  return sceneContext(scene);
}

describe("between two namespaces", () => {
  let left: NetworkNamespace;
  let right: NetworkNamespace;
  let context: FaultContext;
  let listener: Bun.Subprocess;
  const port = 9092;

  beforeAll(async () => {
    [left, right] = [await networkNamespace(), await networkNamespace()];
    await connectNamespaces(left, "10.77.0.1", right, "10.77.0.2");
    context = { ...(await anyContext()), commands: right.commands };
    const serve = `
      Bun.listen({hostname:"0.0.0.0",port:${port},socket:{data(s,d){s.write(d)}}});
      Bun.udpSocket({hostname:"0.0.0.0",port:7})`;
    listener = Bun.spawn(["ip", "netns", "exec", right.name, process.execPath, "-e", serve], {
      stdio: ["ignore", "ignore", "inherit"],
    });
    const deadlineMs = performance.now() + 10_000;
    while ((await connect()) !== "open" && performance.now() < deadlineMs) await Bun.sleep(20);
  });
  afterAll(async () => {
    listener.kill("SIGKILL");
    await listener.exited;
    for (const namespace of [left, right]) await namespace[Symbol.asyncDispose]();
  });

  /** From the left to the listener on the right. */
  async function connect(withinSeconds = 0.5): Promise<string> {
    const script = `exec 3<>/dev/tcp/10.77.0.2/${port}`;
    const tried = await left.commands.run(["timeout", String(withinSeconds), "bash", "-c", script]);
    if (tried.exitCode === 0) return "open";
    return tried.exitCode === 124 ? "silence" : "refused";
  }

  test.each([
    [{ peers: ["10.77.0.1"], direction: "in" }, "silence"],
    [{ peers: ["10.77.0.1"], direction: "out" }, "silence"],
    [{ peers: ["10.77.0.0/24"], localPorts: [port] }, "silence"],
    [{ peers: ["10.77.0.1"], localPorts: [port], action: "reject", direction: "in" }, "refused"],
    [{ peers: ["10.77.0.1"], localPorts: [port], action: "reset", direction: "in" }, "refused"],
    [{ peers: ["10.77.0.1"], localPorts: [port + 1] }, "open"],
    [{ peers: ["10.77.0.9"] }, "open"],
    [{ localPorts: [], exemptPorts: [port] }, "open"],
    [{ exemptPorts: [22] }, "silence"],
  ])("%j means %s, and open again afterwards", async (fields, seen) => {
    const plan = await networkFault.plan(specOf(fields), context);
    await networkFault.apply(plan, context);
    try {
      expect(await networkFault.probe(plan, context)).toBe("");
      // A kernel may hear an ICMP answer only after it has sent again, a second later.
      expect(await connect(seen === "refused" ? 5 : 0.5)).toBe(seen);
    } finally {
      await networkFault.undo(plan, context);
    }
    expect(await connect()).toBe("open");
  });

  test.each([
    [0.01, 20_000],
    [0.3, 1000],
  ])("hits %p of the packets", async (probability, count) => {
    const fields = { peers: ["10.77.0.1"], direction: "in", protocol: "udp", probability };
    const plan = await networkFault.plan(specOf(fields), context);
    await networkFault.apply(plan, context);
    const send = `const s = await Bun.udpSocket({});
      for (let left = ${count}; left > 0; ) {
        if (s.send("x", 7, "10.77.0.2")) left -= 1; else await Bun.sleep(1);
      } process.exit(0)`;
    await left.run(process.execPath, "-e", send);
    const counted = await right.run("iptables", "-L", "TROGDOR-4611686018427387902i", "-v", "-x");
    await networkFault.undo(plan, context);
    const [, hits = ""] = /^\s*(\d+)\s.*DROP/m.exec(counted) ?? [];
    const sixDeviations = 6 * Math.sqrt(count * probability * (1 - probability));
    expect(Math.abs(Number(hits) - count * probability)).toBeLessThan(sixDeviations);
  });
});
