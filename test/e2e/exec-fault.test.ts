// `trogdor exec` with a fault: it is undone at the end, after Ctrl-C, and when the process is
// killed. Everything runs in a network namespace of the test's own.

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { atBest } from "../support/at-best.ts";
import { eventually } from "../support/daemon-process.ts";
import { type NetworkNamespace, networkNamespace } from "../support/network-namespace.ts";
import { ourCommand } from "../support/trogdor-cluster.ts";

const limitMs = 120_000;
const withinMs = 20_000;
const undoneWithinMs = 2_000;

let namespace: NetworkNamespace;
let folder: string;
beforeAll(async () => {
  namespace = await networkNamespace();
  folder = mkdtempSync(join(tmpdir(), "trogdor-exec-fault-"));
  const node = (hostname: string) => ({ hostname, "trogdor.agent.port": 8888 });
  const nodes = { node1: node("192.0.2.1"), node2: node("192.0.2.2") };
  const platform = "org.apache.kafka.trogdor.basic.BasicPlatform";
  writeFileSync(join(folder, "trogdor.conf"), JSON.stringify({ platform, nodes }));
});
afterAll(async () => {
  await namespace[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

function start(durationMs: number, ...options: string[]) {
  const partitions = [["node1"], ["node2"]];
  const spec = JSON.stringify({ class: "NetworkPartitionFault", durationMs, partitions });
  const place = ["-c", join(folder, "trogdor.conf"), "-n", "node1"];
  const state = ["--state-dir", join(folder, "state")];
  const command = [...ourCommand(), "exec", spec, ...place, ...state, ...options];
  return Bun.spawn(["nsenter", `--net=/run/netns/${namespace.name}`, ...command], {
    stdin: "ignore",
    detached: true,
    stdout: "pipe",
    stderr: "pipe",
    timeout: limitMs,
    killSignal: "SIGKILL",
  });
}

/** As somebody does by hand; answers what it said. */
async function cleanUp(): Promise<string> {
  const state = join(folder, "state");
  return await namespace.run(...ourCommand(), "agent", "--cleanup", "--state-dir", state);
}

/** The jump to the rules is what comes last. */
async function isCut(): Promise<boolean> {
  const rules = await namespace.run("iptables-save", "-t", "filter");
  return rules.includes("-s 192.0.2.2/32 -p tcp") && rules.includes("-A INPUT -j TROGDOR");
}

async function isClean(): Promise<boolean> {
  return !(await namespace.run("iptables-save", "-t", "filter")).includes("TROGDOR");
}

/** How long it takes from now until nothing is left. */
async function cleanAfterMs(): Promise<number> {
  const beginMs = performance.now();
  expect(await eventually(isClean, withinMs)).toBe(true);
  return performance.now() - beginMs;
}

const isInTime = (tookMs: number) => tookMs < undoneWithinMs;

describe("exec of a fault", () => {
  test("shows the plan and changes nothing", async () => {
    const child = start(1, "--plan");
    const text = await new Response(child.stdout).text();
    expect(await child.exited).toBe(0);
    expect(text).toContain("nothing was changed");
    expect(text).toContain("TCP from 192.0.2.2");
    expect(text).toMatch(/iptables -w 5 -A TROGDOR-\d+ -p tcp -s 192\.0\.2\.2 -j DROP/);
    expect(text).toMatch(/Undone by\n {2}iptables -w 5 -D INPUT -j TROGDOR-/);
    expect(await isClean()).toBe(true);
  });

  test(
    "ends at its time and leaves nothing",
    async () => {
      const child = start(3_000, "--json");
      expect(await eventually(isCut, withinMs)).toBe(true);
      expect(await child.exited).toBe(0);
      expect(await new Response(child.stdout).text()).toBe('"removed network partition task0"\n');
      expect(await isClean()).toBe(true);
    },
    limitMs,
  );

  test("is refused without the option that allows it to set the clock", async () => {
    const fields = { nodeNames: ["x"], durationMs: 1, offsetMs: 1000 };
    const spec = JSON.stringify({ class: "ClockSkewFault", ...fields });
    const command = [...ourCommand(), "exec", spec, "--state-dir", join(folder, "clock")];
    const child = Bun.spawn(command, { stdio: ["ignore", "ignore", "pipe"] });
    expect(await child.exited).toBe(1);
    const why =
      "faults may not set this machine's clock: start the agent (or exec) with --allow-clock";
    expect(await new Response(child.stderr).text()).toContain(why);
  });

  test(
    "is left alone by a clean-up while it holds, and undone after Ctrl-C",
    async () => {
      const child = start(60_000);
      expect(await eventually(isCut, withinMs)).toBe(true);
      expect(await cleanUp()).toStartWith(
        "the fault of task task0 was left alone: its owner lives",
      );
      child.kill("SIGINT");
      expect(await child.exited).toBe(130);
      expect(await isClean()).toBe(true);
      expect(await cleanUp()).toBe(`no fault is left in ${join(folder, "state")}\n`);
    },
    limitMs,
  );

  test(
    "is undone within 2 s when the process is killed",
    async () => {
      const tookMs = await atBest(async () => {
        const child = start(60_000);
        expect(await eventually(isCut, withinMs)).toBe(true);
        child.kill("SIGKILL");
        await child.exited;
        return await cleanAfterMs();
      }, isInTime);
      expect(tookMs).toBeLessThan(undoneWithinMs);
    },
    limitMs,
  );

  test(
    "is undone within 2 s when its whole process group is killed",
    async () => {
      const tookMs = await atBest(async () => {
        const child = start(60_000);
        expect(await eventually(isCut, withinMs)).toBe(true);
        process.kill(-child.pid, "SIGKILL");
        await child.exited;
        return await cleanAfterMs();
      }, isInTime);
      expect(tookMs).toBeLessThan(undoneWithinMs);
    },
    limitMs,
  );

  test(
    "is undone within 2 s of its end when the process hangs, which says so when it goes on",
    async () => {
      const tookMs = await atBest(async (tryNumber) => {
        const durationMs = 1_500 * tryNumber;
        const child = start(durationMs);
        expect(await eventually(isCut, withinMs)).toBe(true);
        child.kill("SIGSTOP");
        const afterEndMs = (await cleanAfterMs()) - durationMs;
        child.kill("SIGCONT");
        const exitCode = await child.exited;
        // It had ended before it could be made to hang.
        if (exitCode === 0) return Number.POSITIVE_INFINITY;
        expect(exitCode).toBe(1);
        const said = await new Response(child.stderr).text();
        // The second, when it goes on while the clean-up is at work.
        expect(said).toMatch(/the guard undid the fault in its place|s longer than asked/);
        expect(await isClean()).toBe(true);
        return afterEndMs;
      }, isInTime);
      expect(tookMs).toBeLessThan(undoneWithinMs);
    },
    limitMs,
  );

  test(
    "fails when someone else removes it",
    async () => {
      const child = start(60_000, "--quiet");
      expect(await eventually(isCut, withinMs)).toBe(true);
      await namespace.run("iptables", "-F", "INPUT");
      expect(await child.exited).toBe(1);
      const said = await new Response(child.stderr).text();
      // The second, when it was quicker than the first look.
      expect(said).toMatch(
        /(no longer in force|has no effect): expected INPUT to begin with a jump/,
      );
      expect(await isClean()).toBe(true);
    },
    limitMs,
  );
});
