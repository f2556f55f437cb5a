// scripts/conformance against brokers of which it knows the address and no more: all checks of our
// own client on Kafka 3.9.1, a few over SASL_SSL on 4.1.0.

import { describe, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { plainKafkajs } from "../../src/kafka/conformance/plain-kafkajs.suite.ts";
import { sharedCluster } from "../../test/support/kafka.ts";

async function conformance(...args: string[]) {
  const command = [process.execPath, join(import.meta.dir, "main.ts"), ...args];
  const run = Bun.spawn(command, { stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  const [stdout, stderr, exitCode] = await Promise.all([
    new Response(run.stdout).text(),
    new Response(run.stderr).text(),
    run.exited,
  ]);
  return { stdout, stderr, exitCode };
}

describe("scripts/conformance", () => {
  test("runs all it can on Kafka 3.9.1, and says what that does not have", async () => {
    const cluster = await sharedCluster({ version: "3.9.1" });
    const servers = cluster.bootstrapServers.PLAINTEXT;
    const { stdout, stderr, exitCode } = await conformance(
      ...["--bootstrap-server", servers, "--library", "native"],
    );
    if (exitCode !== 0) throw new Error(`${stderr}\n${stdout}`);
    expect(stdout).toMatch(/^the native client > producer +1\d +0 +0$/m);
    expect(stdout).toMatch(/^the native consumer +2\d +0 +0$/m);
    expect(stdout).toMatch(/group.protocol=classic +\d +0 +0$/m);
    expect(stdout).toMatch(/^all +5\d +0 +3\d$/m);
    expect(stdout).toMatch(/consumer groups of KIP-848 \(8 checks\): .*rebalance.protocols/);
    expect(stdout).toMatch(/share groups \(6 checks\): .*have no share groups/);
    expect(stderr).not.toContain("could not remove");
  }, 300_000);

  test("goes in as a properties file says", async () => {
    const { bootstrapServers, tls } = await sharedCluster({ tls: true, sasl: true });
    const folder = mkdtempSync(join(tmpdir(), "conformance-test-"));
    const file = join(folder, "client.properties");
    const module = "org.apache.kafka.common.security.scram.ScramLoginModule";
    const lines = [
      "security.protocol=SASL_SSL",
      "sasl.mechanism=SCRAM-SHA-512",
      `sasl.jaas.config=${module} required \\`,
      '  username="admin" password="admin-secret";',
      "ssl.truststore.type=PEM",
      `ssl.truststore.location=${tls!.caPem}`,
      `bootstrap.servers=${bootstrapServers.SASL_SSL}`,
    ];
    writeFileSync(file, lines.join("\n"));
    const few = "writes keys, values|reads headers|goes on where the group";
    try {
      const { stdout, exitCode } = await conformance("--client-config", file, "--only", few);
      expect(stdout).toMatch(/^all +7 +0 +0$/m);
      expect(exitCode).toBe(0);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }, 120_000);

  test("leaves no topic and no settings behind when somebody stops it", async () => {
    const cluster = await sharedCluster({ version: "3.9.1" });
    const servers = cluster.bootstrapServers.PLAINTEXT;
    const folder = mkdtempSync(join(tmpdir(), "conformance-test-"));
    const main = join(import.meta.dir, "main.ts");
    const run = Bun.spawn([process.execPath, main, "--bootstrap-server", servers], {
      stdin: "ignore",
      stdout: "ignore",
      stderr: "pipe",
      env: { ...process.env, TMPDIR: folder },
    });
    const stderr = new Response(run.stderr).text();
    const admin = (await plainKafkajs(servers)).admin();
    await admin.connect();
    const ours = async () =>
      (await admin.listTopics()).filter((name) => name.startsWith("trogdor-conformance-"));
    try {
      const settings = () =>
        readdirSync(folder).some((name) => existsSync(join(folder, name, "broker.json")));
      while (run.exitCode === null && !settings()) await Bun.sleep(20);
      expect(await ours()).not.toEqual([]);
      run.kill("SIGTERM");
      expect(await run.exited).toBe(2);
      expect(await stderr).toContain("conformance: stopped by SIGTERM");
      expect(await stderr).not.toContain("could not remove");
      expect(readdirSync(folder)).toEqual([]);
      while ((await ours()).length > 0) await Bun.sleep(100);
    } finally {
      run.kill("SIGKILL");
      await admin.disconnect();
      rmSync(folder, { recursive: true });
    }
  }, 120_000);

  test("wants an address, and a library that exists", async () => {
    const nothing = await conformance();
    expect(nothing.stderr).toContain("--bootstrap-server is missing");
    expect(nothing.exitCode).toBe(2);
    const odd = await conformance("--bootstrap-server", "x:1", "--library", "franz");
    expect(odd.stderr).toContain('--library is "franz"; expected native or kafkajs');
  });
});
