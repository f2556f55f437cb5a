// `trogdor cluster` over real SSH: up, run, down, and what is left of a killed run.

import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { eventually } from "../support/daemon-process.ts";
import { daemons, executable, type SshCluster, sshCluster } from "./nodes/ssh-cluster.ts";
import type { SshNodes } from "./nodes/ssh-nodes.ts";

let nodes: SshNodes;
let here: SshCluster;

beforeAll(async () => {
  here = await sshCluster(3);
  nodes = here.nodes;
}, 60_000);

afterAll(async () => {
  await here?.[Symbol.asyncDispose]();
});

// The executable stays: copying it to all nodes lasts longest of all.
afterEach(async () => {
  await cluster("down");
}, 60_000);

const cluster = (verb: string, ...args: readonly string[]) => here.run(verb, ...args);
const onAllNodes = (command: string) => here.onAllNodes(command);

async function createTask(spec: string): Promise<void> {
  const folder = join(nodes.folder, "trogdor/clusters");
  const [token] = readdirSync(folder).map((name) => join(folder, name));
  const target = ["-t", "trog1:8889", "--token-file", token!];
  const { exitCode, stderr } = await nodes.run([executable, "client", "create", spec, ...target]);
  if (exitCode !== 0) throw new Error(stderr);
}

const none = ["", "", ""];
const cut = (durationMs: number) =>
  JSON.stringify({
    class: "NetworkPartitionFault",
    durationMs,
    partitions: [["trog1"], ["trog2"]],
  });

describe("trogdor cluster", () => {
  test("starts what is missing, leaves alone what runs, and stops it with its faults", async () => {
    const first = await cluster("up");
    expect(first.stderr).toBe("");
    expect(first.stdout).toStartWith("3 nodes, 3 of them started now");
    const running = await onAllNodes(daemons);
    expect(running.map((lines) => lines.split("\n").length)).toEqual([2, 1, 1]);
    // The token is in no list of processes.
    expect(running.join()).toContain("--token-file");
    const again = await cluster("up");
    expect([again.exitCode, again.stdout]).toEqual([
      0,
      expect.stringContaining("3 nodes, was up already"),
    ]);
    expect(await onAllNodes(daemons)).toEqual(running);
    const interrupted = cluster("run", cut(600_000), "--timeout", "10s");
    const isCut = async () => (await onAllNodes("iptables -S")).join().includes("DROP");
    expect(await eventually(isCut, 30_000)).toBe(true);
    const status = await cluster("status");
    expect(status.stdout).toContain("1 worker, in force: NetworkPartitionFaultSpec");
    expect((await cluster("down")).stdout).toContain("3 nodes are down");
    expect(await onAllNodes(`${daemons}; iptables -S | grep -e -j`)).toEqual(none);
    expect((await interrupted).exitCode).toBe(1);
    expect((await cluster("status")).stdout).toBe("trog1: down\ntrog2: down\ntrog3: down\n");
  }, 120_000);

  test("runs tasks and keeps what came of them", async () => {
    expect((await cluster("up")).exitCode).toBe(0);
    const bad = '{"class":"NetworkPartitionFault","durationMs":9,"partitions":[["trog1"],["x"]]}';
    const good = '{"class":"NoOp","durationMs":2000}';
    const { exitCode, stdout } = await cluster("run", good, bad, good);
    expect(stdout).toContain("2 passed, 1 failed");
    expect(exitCode).toBe(1);
    const file = (name: string) => readFileSync(join(nodes.folder, "results/latest", name), "utf8");
    const report = JSON.parse(file("report.json")) as { counts: object };
    expect(report.counts).toEqual({ tasks: 3, passed: 2, failed: 1, unfinished: 0 });
    expect(file("report.xml")).toContain('tests="3" failures="1"');
    expect(file("report.html")).toContain("1 failed");
    expect(file("report.txt")).toContain("2 passed, 1 failed");
    expect(JSON.parse(file("rerun.json"))).toEqual([
      { id: expect.stringMatching(/^network-partition/), spec: expect.anything() },
    ]);
    expect(file("nodes/trog2/logs/agent.log")).toContain("agent is ready");
  }, 120_000);

  test("loses nothing of a run when it is killed, and cleans up after it", async () => {
    expect((await cluster("up")).exitCode).toBe(0);
    const words = [executable, "cluster", "run", "--cluster", nodes.clusterPath];
    const args = [...words, "-F", nodes.sshConfigPath, "--results", "killed", cut(600_000)];
    const killed = nodes.run(["timeout", "-s", "KILL", "4", ...args], {
      env: here.env,
      cwd: nodes.folder,
    });
    await killed;
    const events = readFileSync(join(nodes.folder, "killed/latest/events.jsonl"), "utf8");
    const states = events.trim().split("\n");
    const seen = states.map((line) => (JSON.parse(line) as { what: string }).what);
    expect(seen.slice(0, 2)).toEqual(["created", "state"]);
    expect((await onAllNodes("iptables -S")).join()).toContain("DROP");
    expect((await cluster("down")).exitCode).toBe(0);
    expect(await onAllNodes(`${daemons}; iptables -S | grep -e -j`)).toEqual(none);
  }, 120_000);

  test("stops an agent of an earlier run, with its faults, before anything starts", async () => {
    expect((await cluster("up")).exitCode).toBe(0);
    await createTask(cut(600_000));
    const isCut = async () => (await onAllNodes("iptables -S")).join().includes("DROP");
    expect(await eventually(isCut, 30_000)).toBe(true);
    const before = await onAllNodes(daemons);
    const { exitCode } = await cluster("up", "--agent-port", "8900");
    expect(exitCode).toBe(0);
    const after = await onAllNodes(daemons);
    for (const [index, lines] of after.entries()) {
      const old = before[index]!.split("\n").map((line) => line.trim().split(" ")[0]);
      const now = lines.split("\n").map((line) => line.trim().split(" ")[0]);
      expect(now.filter((pid) => old.includes(pid))).toEqual([]);
    }
    expect(await onAllNodes("iptables -S | grep -e -j")).toEqual(none);
  }, 120_000);

  test("leaves no file and no connection behind", async () => {
    expect((await cluster("up")).exitCode).toBe(0);
    expect(await onAllNodes("ls -d /var/tmp/trogdor-cluster")).not.toEqual(none);
    const tokens = () => readdirSync(join(nodes.folder, "trogdor/clusters")).length;
    const before = tokens();
    expect((await cluster("clean")).stdout).toBe("3 nodes are clean\n");
    expect(tokens()).toBe(before - 1);
    expect(await onAllNodes("ls -d /var/tmp/trogdor-cluster 2>/dev/null")).toEqual(none);
    const masters = await nodes.run(["sh", "-c", "ps ax -o args | grep '[t]rogdor-ssh-'"]);
    expect(masters.stdout).toBe("");
  }, 120_000);
});
