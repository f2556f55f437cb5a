// A NetworkFault that delays packets or sends them twice, measured between two namespaces: an echo
// answers each packet that arrives, so doubled ones are answered twice.

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { eventually } from "../../../../test/support/daemon-process.ts";
import type { NetworkNamespace } from "../../../../test/support/network-namespace.ts";
import { answersTo, startUdpEcho, type UdpEcho } from "../../../../test/support/udp-echo.ts";
import type { FaultContext } from "../../define-fault.ts";
import { findMarked } from "../../marked-processes.ts";
import { type ConnectedPair, connectedPair } from "../../network-rules/connected-pair.suite.ts";
import { passCopies } from "../../network-rules/packet-queue.ts";
import { rulesHits } from "../../network-rules/packet-rules.ts";
import { parseTaskSpec } from "../../parse-task-spec.ts";
import type { Plan } from "./worker.ts";
import { networkFault, packetCounts } from "./worker.ts";

let left: NetworkNamespace;
let right: NetworkNamespace;
let context: FaultContext;
let pair: ConnectedPair;
let echo: UdpEcho;

beforeAll(async () => {
  pair = await connectedPair("right");
  ({ left, right, context } = pair);
  for (const [namespace, address] of [
    [left, "fd77::1/64"],
    [right, "fd77::2/64"],
  ] as const) {
    await namespace.run("ip", "address", "add", address, "dev", "eth0", "nodad");
  }
  echo = await startUdpEcho(right);
});
afterAll(async () => {
  await echo[Symbol.asyncDispose]();
  await pair[Symbol.asyncDispose]();
});

/** The fault is on the right. */
async function underFault<T>(fields: object, measure: (plan: Plan) => Promise<T>): Promise<T> {
  const all = { class: "NetworkFault", durationMs: 1, nodeNames: ["a"], action: "duplicate" };
  const { spec } = parseTaskSpec(JSON.stringify({ ...all, ...fields }));
  const plan = await networkFault.plan(spec, context);
  await networkFault.apply(plan, context);
  try {
    expect(await networkFault.probe(plan, context)).toBe("");
    return await measure(plan as Plan);
  } finally {
    await networkFault.undo(plan, context);
  }
}

describe("packets that come later", () => {
  test.each(["in", "out"])("do so when they go %s", async (direction) => {
    const fields = { action: "delay", latencyMs: 100, jitterMs: 5, direction };
    const answering = async () => {
      const fromMs = performance.now();
      expect(await answersTo(10, left, "10.77.0.2")).toBe(10);
      return performance.now() - fromMs;
    };
    // 13 round trips, one after the other; the jitter of all of them is 18 ms.
    const tookMs = await underFault({ ...fields, peers: ["10.77.0.1"] }, answering);
    expect(tookMs).toBeGreaterThan(13 * 100 - 6 * 18);
  });

  test("are no other queue's: of two faults one would have no effect", async () => {
    const one = { action: "delay", latencyMs: 1 };
    const other = { class: "NetworkFault", nodeNames: ["a"], action: "duplicate" };
    const planned = (fields: object) => {
      const { spec } = parseTaskSpec(JSON.stringify({ ...other, ...fields }));
      return networkFault.plan(spec, { ...context, workerId: context.workerId + 1n });
    };
    await underFault({ ...one, peers: ["10.77.0.0/24", "fd77::/64"] }, async ({ rules }) => {
      await planned({ peers: ["10.78.0.1", "fd78::1"] });
      for (const peer of ["10.77.0.1", "fd77::1"]) {
        const plan = planned({ peers: [peer] });
        if (rules.tool.program === "nft") await plan;
        else await expect(plan).rejects.toThrow(`peers: ${peer}: another fault delays or doubles`);
      }
    });
  });
});

describe("packets that come twice", () => {
  test.each([
    ["in", "10.77.0.1", "10.77.0.2"],
    ["out", "10.77.0.1", "10.77.0.2"],
    ["in", "fd77::1", "fd77::2"],
    ["out", "fd77::1", "fd77::2"],
  ])("are 10 %% of those that go %s, of peer %s", async (direction, peer, address) => {
    const count = 3000;
    const fields = { peers: [peer], direction, localPorts: [echo.port], probability: 0.1 };
    const answers = await underFault(fields, () => answersTo(count, left, address));
    const sixDeviations = 6 * Math.sqrt(count * 0.1 * 0.9);
    expect(Math.abs(answers - count * 1.1)).toBeLessThan(sixDeviations);
    expect(await answersTo(100, left, address)).toBe(100);
  });

  test("are doubled once in each direction, and counted", async () => {
    const { answers, counts } = await underFault({ peers: ["10.77.0.1"] }, async (plan) => {
      const answers = await answersTo(100, left, "10.77.0.2");
      const hits = await rulesHits(plan.rules, context.commands);
      return { answers, counts: packetCounts(plan.rules, hits, true) };
    });
    expect(answers).toBe(400);
    // The last round trips of the measurement, which have no answer to count, are in it as well.
    expect(counts.packets).toBeGreaterThanOrEqual(300);
    expect(counts.duplicated).toBe(counts.packets);
  });

  test("pass the node's own firewall, both of them", async () => {
    const match = ["INPUT", "-p", "udp", "--dport", String(echo.port), "-j", "ACCEPT"];
    await right.run("iptables", "-A", ...match);
    const fields = { peers: ["10.77.0.1"], direction: "in" };
    const { answers, rules } = await underFault(fields, async () => {
      const answers = await answersTo(100, left, "10.77.0.2");
      return { answers, rules: await right.run("iptables", "-S", "INPUT", "-v") };
    });
    await right.run("iptables", "-D", ...match);
    expect(answers).toBe(200);
    expect(Number(/ -c (\d+) /.exec(rules.split("\n")[1]!)?.[1])).toBeGreaterThanOrEqual(200);
  });

  test("come once where a firewall keeps the second ones back, which ends nothing", async () => {
    const mark = passCopies.mark ?? 0;
    const match = ["OUTPUT", "-m", "mark", "--mark", String(mark), "-j", "DROP"];
    await right.run("iptables", "-A", ...match);
    const fields = { peers: ["10.77.0.1"], direction: "in" };
    const { answers, problem } = await underFault(fields, async (plan) => {
      const answers = await answersTo(100, left, "10.77.0.2");
      return { answers, problem: await networkFault.probe(plan, context) };
    });
    await right.run("iptables", "-D", ...match);
    expect(answers).toBe(100);
    expect(problem).toBe("");
  });

  test("carry the whole of a TCP connection", async () => {
    const serve = `
      const socket = { open(s) { s.write("ready") }, data(s, bytes) { n += bytes.length; 
        if (n === 300000) s.end(String(n)) } };
      let n = 0; Bun.listen({ hostname: "10.77.0.2", port: 7008, socket }); console.log("ready")`;
    const command = ["ip", "netns", "exec", right.name, process.execPath, "-e", serve];
    const listener = Bun.spawn(command, { stdio: ["ignore", "pipe", "inherit"] });
    await listener.stdout.getReader().read();
    const send = `
      const bytes = new Uint8Array(300000); let at = 0, said = "";
      const push = (s) => { at += s.write(bytes.subarray(at)) };
      const socket = { open: push, drain: push, data(_, b) { said += b.toString() },
        close() { console.log(said); process.exit(0) } };
      await Bun.connect({ hostname: "10.77.0.2", port: 7008, socket })`;
    const said = await underFault({ peers: ["10.77.0.1"], probability: 0.5 }, () =>
      left.run(process.execPath, "-e", send),
    );
    listener.kill("SIGKILL");
    await listener.exited;
    expect(said.trim()).toBe("ready300000");
  });

  test("stop when the process that sends them dies, and later ones are not lost", async () => {
    const { answers, problem } = await underFault({ peers: ["10.77.0.1"] }, async (plan) => {
      for (const one of await findMarked(plan.queue!.processMark, context)) {
        await context.processTable.signal(one, "SIGKILL");
      }
      // Until the kernel has heard of it, packets wait in vain.
      const served = "/proc/net/netfilter/nfnetlink_queue";
      const isServed = async () => (await right.run("cat", served)).trim() !== "";
      expect(await eventually(async () => !(await isServed()), 10_000)).toBe(true);
      const answers = await answersTo(100, left, "10.77.0.2");
      return { answers, problem: await networkFault.probe(plan, context) };
    });
    expect(answers).toBe(100);
    expect(problem).toContain("expected a process with trogdor-queue-");
  });
});
