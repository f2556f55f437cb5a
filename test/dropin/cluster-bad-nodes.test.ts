// What `trogdor cluster up` says of nodes that cannot be used: which node and why. Nothing that it
// has started is left on any node, unless --keep.

import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { daemons, type SshCluster, sshCluster } from "./nodes/ssh-cluster.ts";

let cluster: SshCluster;
const none = ["", "", ""];

beforeAll(async () => {
  cluster = await sshCluster(3);
}, 60_000);

afterAll(async () => {
  await cluster?.[Symbol.asyncDispose]();
});

afterEach(async () => {
  await cluster.run("down");
}, 60_000);

/** A change of a node for the length of a block. */
async function changed(name: string, command: string, back: string): Promise<AsyncDisposable> {
  const { exitCode, stderr } = await cluster.nodes.onNode(name, command);
  if (exitCode !== 0) throw new Error(`${command}: ${stderr}`);
  const undo = () => cluster.nodes.onNode(name, back).then(() => undefined);
  return { [Symbol.asyncDispose]: undo };
}

/** What it says; no daemon may be left on any node. */
async function upFails(...args: readonly string[]): Promise<string> {
  const { exitCode, stderr, stdout } = await cluster.run("up", ...args);
  expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
  expect(await cluster.onAllNodes(daemons)).toEqual(none);
  return stderr;
}

describe("trogdor cluster up", () => {
  test("names every node that is not reached, with its cause", async () => {
    const hosts = ["trog1", "trog2", "10.99.7.99", "no-such-host"];
    const file = cluster.file("wrong.json", hosts);
    const silent = ["OUTPUT", "-p", "tcp", "-d", "10.99.7.12", "--dport", "22", "-j", "DROP"];
    await cluster.nodes.run(["iptables", "-I", ...silent]);
    const started = performance.now();
    const { exitCode, stderr } = await cluster.runOf(file, "up", "--connect-timeout", "2");
    await cluster.nodes.run(["iptables", "-D", ...silent]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain("3 of 4 nodes failed");
    expect(stderr).toContain("trog2: it does not answer in time");
    expect(stderr).toMatch(/10\.99\.7\.99: (it does not answer in time|there is no way to it)/);
    expect(stderr).toContain("no-such-host: its name is not known");
    expect(performance.now() - started).toBeLessThan(60_000);
    expect(await cluster.onAllNodes(daemons)).toEqual(none);
  }, 120_000);

  test("says that a node refuses, wants a password or shows another key", async () => {
    const options = "-o AuthorizedKeysFile=none -o PasswordAuthentication=yes";
    const sshd = `/usr/sbin/sshd -p 2222 -o PidFile=/run/asking.pid ${options}`;
    await using _asking = await changed("trog2", sshd, "kill $(cat /run/asking.pid)");
    const newKey = "ssh-keygen -q -t ed25519 -N '' -f /run/other_key";
    const other = `${newKey} && /usr/sbin/sshd -p 2223 -o PidFile=/run/other.pid -h /run/other_key`;
    await using _other = await changed("trog3", other, "kill $(cat /run/other.pid)");
    const at = (host: string, port: number, user = "ducker") => ({
      ssh_config: { host, hostname: host, port, user },
    });
    const entries = [at("trog1", 24), at("trog2", 2222), at("trog3", 2223)];
    const path = join(cluster.nodes.folder, "odd.json");
    writeFileSync(path, JSON.stringify({ nodes: entries }));
    const { exitCode, stderr } = await cluster.runOf(path, "up");
    expect(stderr).toContain("3 of 3 nodes failed");
    expect(stderr).toContain("trog1: it refuses connections on its SSH port");
    expect(stderr).toContain("trog2: it lets nobody in without a password");
    expect(stderr).toContain("trog3: its host key is not known or has changed");
    expect(exitCode).toBe(1);
    const plain = cluster.file("plain.json", ["trog1"], { user: "nobody-there" });
    expect((await cluster.runOf(plain, "up")).stderr).toContain("trog1: it lets nobody in");
  }, 60_000);

  test("wants room for the executable", async () => {
    const small = "mkdir -p /small && mount -t tmpfs -o size=20m,mode=777 tmpfs /small";
    await using _ = await changed("trog3", small, "umount /small; rmdir /small");
    const stderr = await upFails("--root", "/small/trogdor");
    // The others may not make a folder there.
    expect(stderr).toContain("3 of 3 nodes failed");
    expect(stderr).toMatch(/trog1: .*cannot create directory .*Permission denied/);
    expect(stderr).toMatch(
      /trog3: there is no space at \/small\/trogdor: 1\d\d MB are needed, 20 MB free; give --root/,
    );
  }, 60_000);

  test("leaves nothing where the room ends while the executable is copied", async () => {
    // As much is free as is asked for, but no file may be as large.
    const shell = '#!/bin/dash\\nulimit -f 100\\ntrap "" XFSZ\\nexec /bin/dash "$@"\\n';
    const put = `printf '${shell}' >/usr/bin/sh.small && chmod 755 /usr/bin/sh.small`;
    const back = "ln -s dash /usr/bin/sh.back; mv /usr/bin/sh.back /usr/bin/sh";
    await using _ = await changed("trog2", `${put} && mv /usr/bin/sh.small /usr/bin/sh`, back);
    const stderr = await upFails("--root", "/var/tmp/other");
    expect(stderr).toContain("1 of 3 nodes failed");
    expect(stderr).toMatch(/trog2: .*(File too large|incomplete)/);
    const { stdout } = await cluster.nodes.onNode("trog2", "ls /var/tmp/other/bin");
    expect(stdout).toBe("");
  }, 60_000);

  test("names a node of another architecture", async () => {
    const fake =
      '#!/bin/sh\\nif [ "$1" = -m ]; then echo riscv64; else exec /usr/bin/uname.real "$@"; fi\\n';
    const put =
      "mv /usr/bin/uname /usr/bin/uname.real && " +
      `printf '${fake}' >/usr/bin/uname && chmod 755 /usr/bin/uname`;
    await using _ = await changed("trog2", put, "mv /usr/bin/uname.real /usr/bin/uname");
    const stderr = await upFails();
    expect(stderr).toContain("1 of 3 nodes failed:\n  trog2: it is riscv64, and ");
    expect(stderr).toContain("give --binary FILE");
  }, 60_000);

  test("names the port and the process where an agent of others runs already", async () => {
    await cluster.run("up");
    await cluster.run("down");
    const platform = "org.apache.kafka.trogdor.basic.BasicPlatform";
    const conf = JSON.stringify({ platform, nodes: { a: { "trogdor.agent.port": 8888 } } });
    const program = "$(ls /var/tmp/trogdor-cluster/bin/trogdor-*)";
    const start = `cd /tmp && echo '${conf}' >a.conf &&
      { setsid ${program} agent -c a.conf -n a --state-dir a-state </dev/null >a.out 2>&1 &
      echo $! >a.pid; }
      until grep -qs ready a.out; do
        test -d /proc/$(cat a.pid) || { cat a.out >&2; exit 1; }
      done`;
    await using _ = await changed("trog3", start, "kill $(cat /tmp/a.pid)");
    const stderr = await upFails();
    expect(stderr).toContain("1 of 3 nodes failed:\n  trog3: port 8888 is taken");
    const { stdout: pid } = await cluster.nodes.onNode("trog3", "cat /tmp/a.pid");
    expect(stderr).toMatch(new RegExp(`held by "[^"]+",pid=${pid.trim()}\n`));
  }, 120_000);

  test("refuses a file that names a host twice before it asks any node", async () => {
    const twice = cluster.file("twice.json", ["no-such-host", "trog2", "no-such-host"]);
    const { exitCode, stderr } = await cluster.runOf(twice, "up");
    expect(stderr).toStartWith("trogdor: twice.json: name no-such-host stands there twice (");
    expect(exitCode).toBe(2);
  });

  test("takes back what it has started when another node fails, unless --keep", async () => {
    const hold = "nc -l -k -p 8888 </dev/null >/dev/null 2>&1 & echo $! >/tmp/nc.pid";
    await using _ = await changed("trog2", hold, "kill $(cat /tmp/nc.pid)");
    const stderr = await upFails();
    expect(stderr).toContain("1 of 3 nodes failed:\n  trog2: ");
    expect(stderr).toContain("8888");
    const kept = await cluster.run("up", "--keep");
    expect(kept.exitCode).toBe(1);
    expect(await cluster.onAllNodes(`${daemons} | wc -l`)).toEqual(["2", "0", "1"]);
  }, 120_000);

  test("leaves a coordinator alone that ran before, when it takes an agent back", async () => {
    const pidOf = (role: string) =>
      `ps ax -o pid=,args= | awk '/[t]rogdor-[^ ]* ${role} /{print $1}'`;
    expect(await cluster.run("up")).toMatchObject({ exitCode: 0 });
    const { stdout: before } = await cluster.nodes.onNode("trog1", pidOf("coordinator"));
    expect(before.trim()).toMatch(/^\d+$/);
    for (const name of ["trog1", "trog2"]) {
      await cluster.nodes.onNode(name, `kill -9 $(${pidOf("agent")})`);
    }
    const hold = "nc -l -k -p 8888 </dev/null >/dev/null 2>&1 & echo $! >/tmp/nc.pid";
    await using _ = await changed("trog2", hold, "kill $(cat /tmp/nc.pid)");
    expect(await cluster.run("up")).toMatchObject({ exitCode: 1 });
    expect((await cluster.nodes.onNode("trog1", pidOf("coordinator"))).stdout).toBe(before);
    expect(await cluster.onAllNodes(`${daemons} | wc -l`)).toEqual(["1", "0", "1"]);
  }, 120_000);
});
