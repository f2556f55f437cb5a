// `trogdor cluster` over real SSH: up, run, down, and what it says of nodes that cannot be used.

import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { eventually } from "../support/daemon-process.ts";
import { root } from "../tidy/source-files.ts";
import { type Ran, type SshNodes, sshNodes } from "./nodes/ssh-nodes.ts";

const executable = join(root, "dist/trogdor");
let nodes: SshNodes;

beforeAll(async () => {
  nodes = await sshNodes({ count: 3 });
}, 60_000);

afterAll(async () => {
  await nodes?.[Symbol.asyncDispose]();
});

afterEach(async () => {
  await cluster("clean");
}, 60_000);

const env = () => ({
  XDG_STATE_HOME: nodes.folder,
  HOME: nodes.folder,
  // A killed one leaves its sockets; they go with the nodes.
  TMPDIR: nodes.folder,
});

function cluster(verb: string, ...args: readonly string[]): Promise<Ran> {
  return clusterOf(nodes.clusterPath, verb, ...args);
}

function clusterOf(file: string, verb: string, ...args: readonly string[]): Promise<Ran> {
  const words = [executable, "cluster", verb, "--cluster", file, "-F", nodes.sshConfigPath];
  return nodes.run([...words, ...args], { env: env(), cwd: nodes.folder, withinMs: 120_000 });
}

/** A cluster file with nodes that are not there, beside those that are. */
function clusterFile(name: string, hosts: readonly string[], more: object = {}): string {
  const path = join(nodes.folder, name);
  const entries = hosts.map((host) => ({
    externally_routable_ip: host,
    ssh_config: { host, hostname: host, port: 22, user: "ducker", ...more },
  }));
  writeFileSync(path, JSON.stringify({ nodes: entries }));
  return path;
}

async function onAllNodes(command: string): Promise<string[]> {
  const ran = await Promise.all(nodes.names.map((name) => nodes.onNode(name, command)));
  return ran.map(({ stdout }) => stdout.trim());
}

async function createTask(spec: string): Promise<void> {
  const folder = join(nodes.folder, "trogdor/clusters");
  const [token] = readdirSync(folder).map((name) => join(folder, name));
  const target = ["-t", "trog1:8889", "--token-file", token!];
  const { exitCode, stderr } = await nodes.run([executable, "client", "create", spec, ...target]);
  if (exitCode !== 0) throw new Error(stderr);
}

const daemons = "ps ax -o pid=,args= | grep '[t]rogdor-cluster/.*--config' | sort";
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
      env: env(),
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

  test("names a node that cannot be used, and leaves nothing on the others", async () => {
    const wrong = clusterFile("wrong.json", ["trog1", "trog2", "10.99.7.99", "no-such-host"]);
    const started = performance.now();
    const { exitCode, stderr } = await clusterOf(wrong, "up", "--connect-timeout", "3");
    expect(exitCode).toBe(1);
    expect(stderr).toContain("2 of 4 nodes failed");
    expect(stderr).toMatch(/10\.99\.7\.99: (it does not answer in time|there is no way to it)/);
    expect(stderr).toContain("no-such-host: its name is not known");
    expect(performance.now() - started).toBeLessThan(60_000);
    expect(await onAllNodes(daemons)).toEqual(none);
  }, 120_000);

  test.each([
    ["plain", { user: "nobody-there" }, "it lets nobody in without a password"],
    ["port", { port: 24 }, "it refuses connections on its SSH port"],
  ])(
    "says why a node lets nobody in: %s",
    async (name, more, says) => {
      const file = clusterFile(`${name}.json`, ["trog1"], more);
      const { exitCode, stderr } = await clusterOf(file, "up");
      expect(stderr).toContain(`trog1: ${says}`);
      expect(exitCode).toBe(1);
    },
    60_000,
  );

  test("takes back what it has started when another node fails, unless --keep", async () => {
    await nodes.onNode(
      "trog2",
      "nc -l -k -p 8888 </dev/null >/dev/null 2>&1 & echo $! >/tmp/nc.pid",
    );
    try {
      const failed = await cluster("up");
      expect(failed.stderr).toContain("1 of 3 nodes failed:\n  trog2: ");
      expect(failed.stderr).toContain("8888");
      expect(await onAllNodes(daemons)).toEqual(none);
      const kept = await cluster("up", "--keep");
      expect(kept.exitCode).toBe(1);
      const running = await onAllNodes(`${daemons} | wc -l`);
      expect(running).toEqual(["2", "0", "1"]);
    } finally {
      await nodes.onNode("trog2", "kill $(cat /tmp/nc.pid)");
    }
  }, 120_000);

  test("leaves no file and no connection behind", async () => {
    expect((await cluster("up")).exitCode).toBe(0);
    const tokens = () => readdirSync(join(nodes.folder, "trogdor/clusters")).length;
    const before = tokens();
    expect((await cluster("clean")).stdout).toBe("3 nodes are clean\n");
    expect(tokens()).toBe(before - 1);
    expect(await onAllNodes("ls -d /var/tmp/trogdor-cluster 2>/dev/null")).toEqual(none);
    const masters = await nodes.run(["sh", "-c", "ps ax -o args | grep '[t]rogdor-ssh-'"]);
    expect(masters.stdout).toBe("");
  }, 120_000);
});
