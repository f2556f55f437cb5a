// Cluster files and configurations: what is read, and what is refused in which words.

import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TrogdorError } from "../../core/trogdor-error.ts";
import { type Inventory, readInventory } from "./inventory.ts";
import { quoted } from "./quoted.ts";
import { reason } from "./ssh.ts";

const folder = mkdtempSync(join(tmpdir(), "inventory-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(value: unknown): string {
  const path = join(folder, "cluster.json");
  writeFileSync(path, typeof value === "string" ? value : JSON.stringify(value));
  return path;
}

const ports = { agentPort: 8888, coordinatorPort: 8889 };

function read(value: unknown, coordinator?: string): Promise<Inventory> {
  return readInventory({ clusterPath: file(value), configPath: undefined, coordinator, ...ports });
}

function readConf(value: unknown): Promise<Inventory> {
  const more = { clusterPath: undefined, coordinator: undefined, ...ports };
  return readInventory({ configPath: file(value), ...more });
}

const entry = (host: string, more: object = {}) => ({
  externally_routable_ip: `${host}.example`,
  ssh_config: { host, hostname: `10.0.0.${host.length}`, port: 22, user: "u", ...more },
});

describe("a cluster file of ducktape", () => {
  test("gives each node an agent and the first one the coordinator", async () => {
    const found = await read({
      nodes: [entry("a", { port: 2200, identityfile: "k" }), entry("bb")],
    });
    expect(found.nodes).toEqual([
      {
        name: "a",
        hostname: "a.example",
        ssh: { hostname: "10.0.0.1", user: "u", port: 2200, identityFile: "k" },
        agentPort: 8888,
        coordinatorPort: 8889,
      },
      {
        name: "bb",
        hostname: "bb.example",
        ssh: { hostname: "10.0.0.2", user: "u", port: undefined, identityFile: undefined },
        agentPort: 8888,
        coordinatorPort: undefined,
      },
    ]);
    const conf = JSON.parse(found.confText) as { nodes: Record<string, unknown> };
    expect(conf.nodes["bb"]).toEqual({ hostname: "bb.example", "trogdor.agent.port": 8888 });
  });

  test("may have its coordinator elsewhere", async () => {
    expect((await read({ nodes: [entry("a"), entry("bb")] }, "bb")).coordinator.name).toBe("bb");
  });

  test.each([
    [{ nodes: [] }, "one entry or more"],
    [[], "one entry or more"],
    ["{", "line 1"],
    [{ nodes: [{ ssh_config: {} }, entry("a")] }, "nodes[0].ssh_config.hostname is missing"],
    [{ nodes: [entry("a", { password: "x" })] }, "nodes[0].ssh_config.password is set"],
    [{ nodes: [entry("a"), entry("a")] }, "name a stands there twice"],
    [
      { nodes: [entry("a"), { ...entry("bb"), externally_routable_ip: "a.example" }] },
      "a.example:8888 stands there twice (a and bb)",
    ],
  ])("is refused: %j", async (value, says) => {
    const error = (await read(value).catch((caught: unknown) => caught)) as TrogdorError;
    const problems = error.problems.map(({ path, message }) => `${path} ${message}`);
    expect([error.message, ...problems].join("\n")).toContain(says);
    expect(error.code).toBe("configuration");
  });
});

describe("a trogdor.conf", () => {
  const platform = "BasicPlatform";

  test("is copied as it is; nodes without a port are left alone", async () => {
    const conf = {
      platform,
      nodes: {
        a: { hostname: "h1", "trogdor.agent.port": 1 },
        b: { hostname: "h2", "trogdor.coordinator.port": 2 },
        c: { hostname: "h3" },
      },
    };
    const found = await readConf(conf);
    expect(found.nodes.map(({ name }) => name)).toEqual(["a", "b"]);
    expect([found.coordinator.name, found.confText]).toEqual(["b", JSON.stringify(conf)]);
  });

  test("needs one coordinator", async () => {
    const conf = { platform, nodes: { a: { "trogdor.agent.port": 1 } } };
    expect(readConf(conf)).rejects.toThrow("one node needs a trogdor.coordinator.port");
  });
});

test("one of --cluster and --config is needed", () => {
  const request = { clusterPath: undefined, configPath: undefined, coordinator: undefined };
  expect(readInventory({ ...request, ...ports })).rejects.toThrow("Give one of --cluster");
});

test("what ssh says becomes a reason", async () => {
  const [node] = (await read({ nodes: [entry("a")] })).nodes;
  const said = "ssh: connect to host 10.0.0.1 port 22: Connection refused\r\n";
  expect(reason(node!, said)).toBe(
    `it refuses connections on its SSH port (10.0.0.1: ${said.trim()})`,
  );
  expect(reason(node!, "odd")).toBe("ssh failed (10.0.0.1: odd)");
});

test.each(["", "a b", "it's", "$(x)`y`\\", "\n'"])("a shell reads %j back", (text) => {
  const { stdout } = Bun.spawnSync(["sh", "-c", `printf %s ${quoted(text)}`]);
  expect(stdout.toString()).toBe(text);
});
