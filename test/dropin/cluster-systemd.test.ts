// `trogdor cluster` on nodes that seem to run systemd, where a stand-in for systemctl records what
// it is asked and does it. The drop-in that it gets is checked by systemd-analyze.

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "../cli/temporary-folder.ts";
import { root } from "../tidy/source-files.ts";
import { daemons, type SshCluster, sshCluster } from "./nodes/ssh-cluster.ts";

let cluster: SshCluster;

beforeAll(async () => {
  cluster = await sshCluster(2);
  const program = readFileSync(join(import.meta.dir, "nodes/systemctl.sh"), "base64");
  const install = `echo ${program} | base64 -d >/usr/bin/systemctl; chmod 755 /usr/bin/systemctl`;
  await cluster.onAllNodes(`rm -f /usr/bin/systemctl; ${install}; mkdir -p /run/systemd/system`);
}, 60_000);

afterAll(async () => {
  await cluster?.[Symbol.asyncDispose]();
});

beforeEach(async () => {
  const paths = "/etc/systemd/*/trogdor-agent* /var/lib/systemd/linger/* /run/user/1000";
  await cluster.onAllNodes(`rm -rf ${paths} /tmp/systemctl.log`);
});

afterEach(async () => {
  await cluster.run("down");
}, 60_000);

const unitFile = readFileSync(join(root, "deploy/systemd/trogdor-agent@.service"), "base64");
const installUnit = (node: string, scope: string, name: string) =>
  cluster.nodes.onNode(
    node,
    `mkdir -p /etc/systemd/${scope}
     echo ${unitFile} | base64 -d >/etc/systemd/${scope}/${name}`,
  );
const calls = async (node: string) => {
  const { stdout } = await cluster.nodes.onNode(node, "cat /tmp/systemctl.log 2>/dev/null");
  return stdout.split("\n").filter((line) => / (start|stop|kill) /.test(line));
};
const agentPids = async () => {
  const lines = await cluster.onAllNodes(`${daemons} | grep ' agent '`);
  return lines.map((line) => line.trim().split(" ")[0]);
};
const leftovers = `${daemons}; find /run/systemd/system -type f`;
const mainPid = "cat /tmp/unit-trogdor-agent_trog1.service.pid";

describe("trogdor cluster, where a node has a systemd unit for the agent", () => {
  test("starts and stops the agent through it, with the cluster's own settings", async () => {
    await installUnit("trog1", "system", "trogdor-agent@.service");
    const up = await cluster.run("up");
    expect([up.stderr, up.stdout]).toEqual([
      "",
      expect.stringContaining("2 nodes, 2 of them started now (1 by systemd)"),
    ]);
    expect(await calls("trog1")).toEqual(["root: start trogdor-agent@trog1.service"]);
    expect(await calls("trog2")).toEqual([]);
    const { stdout: pid } = await cluster.nodes.onNode("trog1", mainPid);
    expect((await agentPids())[0]).toBe(pid.trim());
    expect((await cluster.run("status")).stdout).toContain(`(pid ${pid.trim()}, port 8888)`);
    expectTakenBySystemd(await dropin("trog1"));
    const unit = "trogdor-agent@trog1.service";
    const isOver = `systemctl show --property MainPID --value ${unit} | grep -qx 0`;
    const again = `systemctl stop ${unit}
      until ${isOver}; do sleep 0.1; done
      systemctl start ${unit}`;
    await cluster.nodes.onNode("trog1", `{ ${again}; } </dev/null >/dev/null 2>&1`);
    expect((await agentPids())[0]).not.toBe(pid.trim());
    // It goes by the process that systemd has started since.
    expect((await cluster.run("up")).stdout).toContain("was up already");
    expect((await cluster.run("down")).stdout).toContain("2 nodes are down");
    expect((await calls("trog1")).at(-1)).toBe(`root: stop --no-block ${unit}`);
    expect(await cluster.onAllNodes(leftovers)).toEqual(["", ""]);
  }, 120_000);

  test("leaves alone an agent of others, and stops one that does not start", async () => {
    await installUnit("trog1", "system", "trogdor-agent.service");
    await installUnit("trog2", "system", "trogdor-agent.service");
    const file = "/tmp/unit-trogdor-agent.service.pid";
    await cluster.nodes.onNode(
      "trog1",
      `{ sleep 600 & echo $! >${file}; } </dev/null >/dev/null 2>&1`,
    );
    const stateFile = "/var/tmp/trogdor-cluster/trog2/state-agent";
    const inTheWay = `mkdir -p $(dirname ${stateFile})
      rm -rf ${stateFile} && touch ${stateFile}`;
    await cluster.nodes.onNode("trog2", inTheWay, "ducker");
    try {
      const { exitCode, stderr } = await cluster.run("up", "--keep");
      expect(stderr).toContain("2 of 2 nodes failed");
      expect(stderr).toContain(
        "trog1: trogdor-agent.service runs already, and not for this cluster",
      );
      expect(stderr).toMatch(/trog2: .*state-agent/);
      expect(exitCode).toBe(1);
      expect(await calls("trog1")).toEqual([]);
      expect((await calls("trog2"))[0]).toBe("root: start trogdor-agent.service");
      expect(await cluster.onAllNodes(leftovers)).toEqual(["", ""]);
    } finally {
      await cluster.nodes.onNode("trog1", `kill $(cat ${file}); rm ${file}`);
      await cluster.nodes.onNode("trog2", `rm ${stateFile}`);
    }
  }, 120_000);

  test("leaves a unit alone that a boot has started for others since", async () => {
    await installUnit("trog1", "system", "trogdor-agent.service");
    expect((await cluster.run("up")).stdout).toContain("(1 by systemd)");
    const file = "/tmp/unit-trogdor-agent.service.pid";
    const boot = `{ kill -KILL $(cat ${file}); rm -r /run/systemd/system/trogdor-agent.service.d
      sleep 600 & echo $! >${file}; } </dev/null >/dev/null 2>&1`;
    await cluster.nodes.onNode("trog1", boot);
    const runs = `grep -c '^State:.[^Z]' /proc/$(cat ${file})/status`;
    try {
      expect((await cluster.run("down")).exitCode).toBe(0);
      expect((await cluster.nodes.onNode("trog1", runs)).stdout.trim()).toBe("1");
      expect(await calls("trog1")).toEqual(["root: start trogdor-agent.service"]);
    } finally {
      await cluster.nodes.onNode("trog1", `kill $(cat ${file}); rm ${file}`);
    }
  }, 120_000);

  test("knows the agent that it started itself after one by systemd", async () => {
    await installUnit("trog1", "system", "trogdor-agent.service");
    expect((await cluster.run("up")).stdout).toContain("(1 by systemd)");
    const boot = "kill -KILL $(cat /tmp/unit-trogdor-agent.service.pid)";
    await cluster.nodes.onNode("trog1", boot);
    expect((await cluster.run("up", "--no-systemd")).stdout).toContain("1 of them started now;");
    expect((await cluster.run("up", "--no-systemd")).stdout).toContain("was up already");
    expect((await cluster.run("down")).stdout).toContain("2 nodes are down");
    expect(await cluster.onAllNodes(leftovers)).toEqual(["", ""]);
  }, 120_000);

  test("uses a unit of the account's own, if that outlives the login", async () => {
    await installUnit("trog2", "user", "trogdor-agent@.service");
    await cluster.nodes.onNode("trog2", "mkdir -p /run/user/1000; chown 1000 /run/user/1000");
    const without = await cluster.run("up");
    expect(without.stderr).toBe(
      "trog2: started without systemd: trogdor-agent@trog2.service would end with the login: " +
        "loginctl enable-linger ducker\n",
    );
    expect(without.stdout).toContain("2 of them started now;");
    await cluster.run("down");
    await cluster.nodes.onNode("trog2", "mkdir -p /var/lib/systemd/linger");
    await cluster.nodes.onNode("trog2", "touch /var/lib/systemd/linger/ducker");
    expect((await cluster.run("up")).stdout).toContain("(1 by systemd)");
    expect(await calls("trog2")).toEqual(["ducker: --user start trogdor-agent@trog2.service"]);
    expect((await cluster.run("down")).exitCode).toBe(0);
    expect((await cluster.run("up", "--no-systemd")).stdout).toContain("2 of them started now;");
  }, 120_000);
});

/** As the account reads it, for which systemctl tells of the unit. */
async function dropin(node: string): Promise<string> {
  const read = "cat /run/systemd/system/*.d/*.conf";
  const { stdout } = await cluster.nodes.onNode(node, read, "ducker");
  return stdout;
}

function expectTakenBySystemd(text: string): void {
  expect(text).toContain("\nUser=ducker\n");
  using place = temporaryFolder();
  const unit = join(place.path, "trogdor-agent@.service");
  copyFileSync(join(root, "deploy/systemd/trogdor-agent@.service"), unit);
  mkdirSync(`${unit}.d`);
  const local = text
    .replace(/^(Exec\w+=)"[^"]+\/bin\/trogdor-\w+"/gm, '$1"/bin/true"')
    .replace(/^User=.*/m, "User=root");
  writeFileSync(`${unit}.d/cluster.conf`, local);
  const { stderr, exitCode } = Bun.spawnSync(["systemd-analyze", "verify", "--man=no", unit]);
  const about = stderr.toString().split("\n");
  expect({ about: about.filter((line) => /cluster\.conf/.test(line)), exitCode }).toEqual({
    about: [],
    exitCode: 0,
  });
}
