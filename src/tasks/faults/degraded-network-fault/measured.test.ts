// What a degraded network is really like: measured between two namespaces, whichever engine the
// kernel allows. Asked for 100 ms, 1 Mbit/s and 10 % twice.

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { NetworkNamespace } from "../../../../test/support/network-namespace.ts";
import { answersTo, startUdpEcho } from "../../../../test/support/udp-echo.ts";
import type { FaultContext } from "../../define-fault.ts";
import { type ConnectedPair, connectedPair } from "../../network-rules/connected-pair.suite.ts";
import { parseTaskSpec } from "../../parse-task-spec.ts";
import { degradedNetwork, type Plan } from "./worker.ts";

let left: NetworkNamespace;
let right: NetworkNamespace;
let context: FaultContext;
let pair: ConnectedPair;
let listener: Bun.Subprocess;
const port = 7000;

beforeAll(async () => {
  pair = await connectedPair("left");
  ({ left, right, context } = pair);
  // Answers each connection with the number of bytes that it had.
  const serve = `const n = new Map();
    const open = (s) => n.set(s, 0);
    const data = (s, bytes) => n.set(s, n.get(s) + bytes.length);
    const socket = { open, data, end: (s) => s.end(String(n.get(s))) };
    Bun.listen({ hostname: "0.0.0.0", port: ${port}, allowHalfOpen: true, socket })`;
  listener = Bun.spawn(["ip", "netns", "exec", right.name, process.execPath, "-e", serve], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  const connect = ["timeout", "1", "bash", "-c", `exec 3<>/dev/tcp/10.77.0.2/${port}`];
  while ((await left.commands.run(connect)).exitCode !== 0) await Bun.sleep(20);
});
afterAll(async () => {
  listener.kill("SIGKILL");
  await listener.exited;
  await pair[Symbol.asyncDispose]();
});

let probe: () => Promise<string>;
let processMark: string | undefined;

async function degradedBy<T>(part: object, measure: () => Promise<T>): Promise<T> {
  const nodeSpecs = { a: { networkDevice: "eth0", ...part } };
  const { spec } = parseTaskSpec(JSON.stringify({ class: "DegradedNetworkFault", nodeSpecs }));
  const plan = await degradedNetwork.plan(spec, context);
  await degradedNetwork.apply(plan, context);
  try {
    processMark = (plan as Plan).queue?.processMark;
    probe = () => degradedNetwork.probe(plan, context);
    expect(await probe()).toBe("");
    return await measure();
  } finally {
    await degradedNetwork.undo(plan, context);
  }
}

/** Runs a script in the left namespace; answers the numbers that it prints, sorted. */
async function measured(script: string): Promise<number[]> {
  const text = await left.run(process.execPath, "-e", script);
  return text
    .trim()
    .split(/\s+/)
    .map(Number)
    .toSorted((a, b) => a - b);
}

/** Milliseconds of each of 30 connections: one round trip, delayed on one way. */
function roundTripsMs(): Promise<number[]> {
  return measured(`for (let i = 0; i < 30; i++) {
    const from = performance.now();
    const s = await Bun.connect({hostname:"10.77.0.2",port:${port},socket:{data(){}}});
    console.log(performance.now() - from); s.end();
  } process.exit(0)`);
}

/** Milliseconds until the other side has told that it has so many bytes. */
async function transferMs(sizeBytes: number): Promise<number> {
  const [tookMs = 0] = await measured(`const bytes = new Uint8Array(${sizeBytes}); let at = 0;
    const from = performance.now();
    const push = (s) => {
      at += s.write(bytes.subarray(at));
      if (at === bytes.length) s.shutdown();
    };
    await Bun.connect({hostname:"10.77.0.2",port:${port},allowHalfOpen:true,
      socket:{open:push,drain:push,data(){console.log(performance.now()-from);process.exit(0)}}})`);
  return tookMs;
}

describe("a degraded network", () => {
  test("delays by 100 ms, in the median within a tenth", async () => {
    const timesMs = await degradedBy({ latencyMs: 100 }, roundTripsMs);
    const medianMs = timesMs[15]!;
    expect(timesMs.length).toBe(30);
    expect(medianMs).toBeGreaterThan(90);
    expect(medianMs).toBeLessThan(110);
    // Jitter is a tenth here, with a long tail to the right.
    expect(timesMs[29]! - timesMs[0]!).toBeGreaterThan(2);
    expect((await roundTripsMs())[15]).toBeLessThan(20);
  });

  test("lets 1 Mbit/s through, behind a first burst of as much", async () => {
    const limited = { rateLimitKbit: 1000 };
    const tookMs = await degradedBy(limited, () => transferMs(262_144));
    // 256 KiB without the burst of 125,000 bytes are 1.1 s.
    expect(tookMs).toBeGreaterThan(900);
    expect(tookMs).toBeLessThan(1600);
  });

  test("does both at once", async () => {
    const part = { latencyMs: 50, rateLimitKbit: 1000 };
    const timesMs = await degradedBy(part, roundTripsMs);
    expect(timesMs[15]).toBeGreaterThan(45);
    expect(timesMs[15]).toBeLessThan(60);
  });

  test("sends 10 % of the packets twice", async () => {
    const count = 3000;
    await using _ = await startUdpEcho(right);
    const answers = await degradedBy({ duplicatePercent: 10 }, () =>
      answersTo(count, left, "10.77.0.2"),
    );
    const sixDeviations = 6 * Math.sqrt(count * 0.1 * 0.9);
    expect(Math.abs(answers - count * 1.1)).toBeLessThan(sixDeviations);
  });

  test("delays each packet once when it is sent twice", async () => {
    const part = { latencyMs: 50, jitterMs: 1, duplicatePercent: 100 };
    const timesMs = await degradedBy(part, roundTripsMs);
    expect(timesMs[15]).toBeGreaterThan(45);
    expect(timesMs[15]).toBeLessThan(60);
  });

  test("is not delayed twice by two faults", async () => {
    const again = degradedBy({ latencyMs: 100 }, () => degradedBy({ latencyMs: 50 }, roundTripsMs));
    await expect(again).rejects.toThrow("eth0");
  });

  test("is not cut off when the process that delays packets dies, which is noticed", async () => {
    const found = await degradedBy({ latencyMs: 100 }, async () => {
      const all = await context.processTable.list();
      const queues = all.filter((one) => one.command.at(-1) === processMark);
      for (const queue of queues) await context.processTable.signal(queue, "SIGKILL");
      return { isQueue: queues.length > 0, timesMs: await roundTripsMs(), problem: await probe() };
    });
    // With netem there is no such process.
    if (!found.isQueue) return;
    expect(found.timesMs[15]).toBeLessThan(20);
    expect(found.problem).toContain("expected a process with trogdor-queue-");
  });
});
