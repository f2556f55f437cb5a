// A fault on a real agent that hangs or is killed: its guard undoes the fault, and who asks is told
// what became of the task. Everything runs in a network namespace of the test's own.

import { afterEach, describe, expect, test } from "bun:test";
import { atBest } from "../support/at-best.ts";
import { eventually } from "../support/daemon-process.ts";
import { type NetworkNamespace, networkNamespace } from "../support/network-namespace.ts";
import { startTrogdorCluster, type TrogdorCluster } from "../support/trogdor-cluster.ts";

const limitMs = 180_000;
const withinMs = 20_000;
const undoneWithinMs = 2_000;

const leftovers: AsyncDisposable[] = [];
afterEach(async () => {
  for (const one of leftovers.splice(0).toReversed()) await one[Symbol.asyncDispose]();
});

async function scene() {
  const namespace = await networkNamespace();
  leftovers.push(namespace);
  await namespace.run("ip", "address", "add", "192.0.2.1/32", "dev", "lo");
  const request = { coordinator: "ours", agents: ["ours"], namespace } as const;
  const cluster = await startTrogdorCluster(request);
  leftovers.push(cluster);
  return { namespace, cluster };
}

/** Drops what nobody sends: only the rules are looked at. */
async function cut(cluster: TrogdorCluster, id: string, durationMs: number): Promise<void> {
  const peers = { peers: ["198.51.100.0/24"], nodeNames: ["node1"] };
  const spec = { class: "NetworkFault", durationMs, ...peers };
  const made = await cluster.client("ours", "create", JSON.stringify(spec), "--id", id);
  expect([made.exitCode, made.stderr]).toEqual([0, ""]);
}

async function isCut(namespace: NetworkNamespace): Promise<boolean> {
  return (await namespace.run("iptables-save", "-t", "filter")).includes("198.51.100.0/24 -j DROP");
}

/** How long it takes from now until nothing is left. */
async function cleanAfterMs(namespace: NetworkNamespace): Promise<number> {
  const beginMs = performance.now();
  expect(await eventually(async () => !(await isCut(namespace)), withinMs)).toBe(true);
  return performance.now() - beginMs;
}

const isInTime = (tookMs: number) => tookMs < undoneWithinMs;

async function errorOf(cluster: TrogdorCluster, id: string): Promise<string | undefined> {
  const { stdout } = await cluster.client("ours", "task", id, "--json");
  const { state, error } = JSON.parse(stdout) as { state: string; error?: string };
  return state === "DONE" ? (error ?? "") : undefined;
}

describe("a fault on an agent", () => {
  test(
    "is undone within 2 s when the agent is killed",
    async () => {
      const tookMs = await atBest(async () => {
        const { namespace, cluster } = await scene();
        await cut(cluster, "killed", 600_000);
        expect(await eventually(() => isCut(namespace), withinMs)).toBe(true);
        cluster.agents[0]!.kill("SIGKILL");
        await cluster.agents[0]!.exited;
        return await cleanAfterMs(namespace);
      }, isInTime);
      expect(tookMs).toBeLessThan(undoneWithinMs);
    },
    limitMs,
  );

  test(
    "is undone within 2 s of its end when the agent hangs, which tells so when it goes on",
    async () => {
      const { namespace, cluster } = await scene();
      const tookMs = await atBest(async (tryNumber) => {
        const id = `hanging-${tryNumber}`;
        const durationMs = 3_000 * tryNumber;
        await cut(cluster, id, durationMs);
        expect(await eventually(() => isCut(namespace), withinMs)).toBe(true);
        cluster.agents[0]!.kill("SIGSTOP");
        const afterEndMs = (await cleanAfterMs(namespace)) - durationMs;
        cluster.agents[0]!.kill("SIGCONT");
        const hasEnded = async () => (await errorOf(cluster, id)) !== undefined;
        expect(await eventually(hasEnded, withinMs)).toBe(true);
        // It had ended before the agent could be made to hang.
        if ((await errorOf(cluster, id)) === "") return Number.POSITIVE_INFINITY;
        // The second, when it goes on while the clean-up is at work.
        const told = /the guard undid the fault in its place|s longer than asked/;
        expect(await errorOf(cluster, id)).toMatch(told);
        return afterEndMs;
      }, isInTime);
      expect(tookMs).toBeLessThan(undoneWithinMs);
      const isClean = async () => !(await isCut(namespace));
      await cut(cluster, "next", 600_000);
      expect(await eventually(() => isCut(namespace), withinMs)).toBe(true);
      const stopped = await cluster.client("ours", "stopAll");
      expect(stopped.exitCode).toBe(0);
      expect(await eventually(isClean, withinMs)).toBe(true);
      const isDone = async () => (await errorOf(cluster, "next")) === "";
      expect(await eventually(isDone, withinMs)).toBe(true);
    },
    limitMs,
  );
});
