// Harnesses of the Java Trogdor against ours, over real SSH (docs/ducktape.md): the tests in
// contract/ run in both flavours of such a harness, with the oldest and the newest ducktape. Four
// machines for a test, two tests at a time. Nothing may be left on any node.

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { copyFileSync, mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "../cli/temporary-folder.ts";
import { root } from "../tidy/source-files.ts";
import { type DucktapeRequest, runDucktape } from "./ducktape-run.ts";
import { type SshNodes, sshNodes } from "./nodes/ssh-nodes.ts";

/** TROGDOR_DROPIN=full: also what differs little from what is tested anyway. */
const isFull = process.env["TROGDOR_DROPIN"] === "full";
const source = join(import.meta.dir, "contract");
const installation = temporaryFolder();
let nodes: SshNodes;

beforeAll(async () => {
  const path = (...names: string[]) => join(installation.path, ...names);
  for (const folder of ["kafka/bin", "kafka/dist", "kibosh/build"]) {
    mkdirSync(path(folder), { recursive: true });
  }
  for (const name of ["trogdor.sh", "kibosh"]) {
    copyFileSync(join(root, "bin", name), path("kafka/bin", name));
  }
  copyFileSync(join(root, "dist/trogdor"), path("kafka/dist/trogdor"));
  symlinkSync("/opt/kafka-dev/bin/kibosh", path("kibosh/build/kibosh"));
  nodes = await sshNodes({
    count: 8,
    binds: [
      [path("kafka"), "/opt/kafka-dev"],
      [path("kibosh"), "/opt/kibosh"],
    ],
  });
}, 60_000);

afterAll(async () => {
  await nodes?.[Symbol.asyncDispose]();
  installation[Symbol.dispose]();
});

async function allPass(request: Omit<DucktapeRequest, "source">, count: number): Promise<void> {
  const { exitCode, results, output } = await runDucktape(nodes, { source, ...request });
  const failed = Object.entries(results).filter(([, result]) => result !== "PASS");
  expect(failed).toEqual([]);
  expect({ exitCode, tests: Object.keys(results).length, output }).toEqual({
    exitCode: 0,
    tests: count,
    output: expect.any(String),
  });
}

/** Of tests that run in both: as a harness for Kafka 3.9 or for 4.x. */
const flavour = (name: string) => `@{"flavour": "${name}"}`;

const whatIsLeft = [
  "ps ax -o args | grep '[t]rogdor '",
  "ls /mnt /tmp/hsperfdata_ducker",
  "iptables -S | grep -e -j",
  "tc qdisc show dev eth0 | grep -v noqueue",
  "find /var/ducker/.local/state/trogdor/*/journal -type f",
  "grep -e /mnt/ /proc/self/mounts",
].join("; ");

describe("a harness of the Java Trogdor", () => {
  test("starts, finds, drives and stops ours over SSH", async () => {
    const chosen = isFull ? "" : flavour("4.x");
    const tests = [
      `trogdor_test.py::TrogdorTest.test_network_partition${chosen}`,
      `trogdor_test.py::DaemonTest.test_late_look${chosen}`,
      "trogdor_test.py::DaemonTest.test_stopped_three_times",
      "trogdor_test.py::DaemonTest.test_log_folder_removed",
      "trogdor_test.py::TaskTest.test_tasks",
      "kibosh_test.py",
      ...(isFull
        ? ["trogdor_test.py::DaemonTest.test_restart", "trogdor_test.py::TaskTest.test_faults"]
        : []),
    ];
    await allPass({ version: "0.17.0", tests, parallel: 2 }, isFull ? 10 : 6);
  }, 240_000);

  test("does so with the oldest ducktape", async () => {
    const tests = [`trogdor_test.py::TrogdorTest.test_service${isFull ? "" : flavour("4.x")}`];
    await allPass({ version: "0.12.0", tests, parallel: 2 }, isFull ? 2 : 1);
  }, 120_000);

  // The option puts a command before every command, so that no logging file is named.
  test("does so with --enable-jvm-logs, with which Java's does not start", async () => {
    const tests = [`trogdor_test.py::TrogdorTest.test_service${isFull ? "" : flavour("3.9")}`];
    const options = ["--enable-jvm-logs"];
    await allPass({ version: "0.17.0", tests, options, parallel: 2 }, isFull ? 2 : 1);
  }, 120_000);

  test("leaves nothing on any node", async () => {
    const left = await Promise.all(nodes.names.map((name) => nodes.onNode(name, whatIsLeft)));
    const lines = left.flatMap(({ stdout }) => stdout.split("\n"));
    const folders = ["/mnt:", "/tmp/hsperfdata_ducker:", "kibosh", "mirror", "target", ""];
    expect(lines.filter((line) => !folders.includes(line))).toEqual([]);
  }, 60_000);
});
