// What the disk faults of specs/kibosh-*.json do to a real cluster: three brokers, of which the
// second has its log on the fault file system, under a load with acks=all. docs/kibosh-runs.md
// describes the same runs as a person does them.

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Subprocess } from "bun";
import { readStatus } from "../../kibosh/mounted.ts";
import { killBroker, restartBroker, startBroker } from "../../scripts/kafka-cluster/cluster.ts";
import { newTopic } from "../../src/kafka/conformance/new-topic.suite.ts";
import { adminConf, environment, unstopped } from "../../src/kafka/conformance/test-load.suite.ts";
import { nativeClients } from "../../src/kafka/native/clients.ts";
import { eventually } from "../support/daemon-process.ts";
import { type OwnCluster, ownCluster, uniqueName } from "../support/kafka.ts";
import { ourCommand } from "../support/trogdor-cluster.ts";
import { root } from "../tidy/source-files.ts";
import { readTopic } from "./read-topic.ts";
import { runWorkload } from "./run-workload.ts";
import { checkLog, type SteadyLoad, startSteadyLoad } from "./steady-load.ts";

/** The broker on the fault file system. */
const faulty = 2;
const someRecords = 100;
const ratePerSec = 300;
const withinMs = 50_000;
/** Restarts alone take several seconds, and on a busy machine tens of them. */
const testLimitMs = 120_000;

let cluster: OwnCluster;
let servers = "";
let mount = "";

beforeAll(async () => {
  cluster = await ownCluster({
    brokers: 3,
    kibosh: faulty,
    properties: { "broker.session.timeout.ms": "3000", "broker.heartbeat.interval.ms": "500" },
  });
  servers = cluster.data.bootstrapServers.PLAINTEXT;
  mount = cluster.data.kiboshMount!;
}, 120_000);

afterAll(() => cluster[Symbol.asyncDispose]());

/** One topicPartition for each list of replicas, led by the first of them. */
async function createTopic(...replicas: readonly (readonly number[])[]): Promise<string> {
  const admin = nativeClients.admin(await adminConf({ "bootstrap.servers": servers }), environment);
  const name = uniqueName("kibosh");
  const assignments = new Map(replicas.map((ids, partition) => [partition, [...ids]]));
  const isReplicated = (replicas[0]?.length ?? 0) > 1;
  const configs = new Map(isReplicated ? [["min.insync.replicas", "2"]] : []);
  const topic = newTopic({ name, numPartitions: -1, replicationFactor: -1, assignments, configs });
  expect(await admin.createTopics([topic], unstopped)).toEqual(new Map([[name, undefined]]));
  await admin.close();
  return name;
}

const replicated = () => createTopic([2, 1, 3], [1, 3, 2], [3, 2, 1]);

async function load(topic: string, partitionCount: number): Promise<SteadyLoad> {
  const conf = { "bootstrap.servers": servers, acks: "all", "request.timeout.ms": "1500" };
  return await startSteadyLoad({ topic, partitionCount, ratePerSec, conf });
}

/** `trogdor exec` of one of our specs; Ctrl-C ends it. */
function exec(spec: string, fields: object): Subprocess<"ignore", "pipe", "inherit"> {
  const values = Object.entries({ mountPath: mount, durationMs: withinMs, ...fields });
  const changes = values.flatMap(([path, value]) => ["--set", `${path}=${JSON.stringify(value)}`]);
  const options = ["--json", "--quiet", "--state-dir", join(cluster.data.dataDir, "exec")];
  return Bun.spawn([...ourCommand(), "exec", join(root, "specs", spec), ...options, ...changes], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "inherit",
    timeout: 2 * withinMs,
    killSignal: "SIGKILL",
  });
}

async function statusOf(child: Subprocess<"ignore", "pipe", "inherit">): Promise<unknown> {
  child.kill("SIGINT");
  const text = await new Response(child.stdout).text();
  expect(await child.exited).toBe(130);
  return JSON.parse(text);
}

/** What the broker has logged from a place on. */
function brokerLog(from = 0): string {
  return readFileSync(cluster.data.brokers[faulty - 1]!.logFile, "utf8").slice(from);
}

async function must(fact: () => boolean | Promise<boolean>, what: string): Promise<void> {
  if (!(await eventually(fact, withinMs))) throw new Error(`waited for: ${what}`);
}

describe("a broker whose log is on the fault file system", () => {
  test(
    "keeps it through a ProduceBench and a clean restart, with no faults",
    async () => {
      const topic = uniqueName("kibosh");
      const { status, error } = await runWorkload({
        class: "ProduceBench",
        bootstrapServers: servers,
        targetMessagesPerSec: 20_000,
        maxMessages: 10_000,
        producerConf: { acks: "all" },
        activeTopics: { [topic]: { partitionAssignments: { "0": [faulty] } } },
      });
      expect(error).toBeUndefined();
      expect(status).toMatchObject({ acknowledged: 10_000, failed: 0 });
      const before = brokerLog().length;
      await restartBroker(cluster.data.name, faulty);
      expect(brokerLog(before)).toContain("since clean shutdown file was found");
      expect(await readTopic(servers, topic, 1)).toHaveLength(10_000);
    },
    testLimitMs,
  );

  test(
    "halts when its disk is full; the others go on, and nothing acknowledged is lost",
    async () => {
      const topic = await replicated();
      await using running = await load(topic, 3);
      await running.progressed(someRecords);
      const fault = { type: "full_disk", prefix: `/${topic}`, available_bytes: 20_000 };
      const before = brokerLog().length;
      const task = exec("kibosh-full-disk.json", { faults: [fault] });
      const halted = "all log dirs in";
      await must(() => brokerLog(before).includes(halted), "the end of the broker");
      expect(brokerLog(before)).toContain("No space left on device");
      await running.progressed(someRecords);
      expect(await statusOf(task)).toEqual({
        state: "Removed fault task0",
        faults: [{ type: "full_disk", matched: expect.any(Number), applied: expect.any(Number) }],
      });
      await startBroker(cluster.data.name, faulty);
      await running.progressed(someRecords);
      await running.stop();
      const records = await readTopic(servers, topic, 3);
      expect(Object.fromEntries(running.failures)).toEqual({});
      expect(checkLog(running, records)).toEqual({ lost: [], repeated: [], misplaced: [] });
    },
    testLimitMs,
  );

  test(
    "loses in a crash what it had acknowledged alone, and nothing that others had too",
    async () => {
      const [topic, alone] = [await replicated(), await createTopic([faulty])];
      await using running = await load(topic, 3);
      await using runningAlone = await load(alone, 1);
      const progress = () =>
        Promise.all([running.progressed(someRecords), runningAlone.progressed(someRecords)]);
      await progress();
      const task = exec("kibosh-crash.json", { crashAfterMs: 2_000 });
      await must(async () => (await readStatus(mount)).lastCrash === 1, "the crash");
      await killBroker(cluster.data.name, faulty);
      const status = (await statusOf(task)) as { readonly crash: { readonly files: number } };
      expect(status.crash.files).toBeGreaterThan(0);
      const before = brokerLog().length;
      await startBroker(cluster.data.name, faulty);
      expect(brokerLog(before)).toContain("no clean shutdown file was found");
      await progress();
      await Promise.all([running.stop(), runningAlone.stop()]);
      const check = checkLog(running, await readTopic(servers, topic, 3));
      expect(check).toEqual({ lost: [], repeated: [], misplaced: [] });
      const { lost } = checkLog(runningAlone, await readTopic(servers, alone, 1));
      expect(lost).not.toBeEmpty();
      // What was synced when tracking began is still there.
      expect(lost[0]).toBeGreaterThan(0);
    },
    testLimitMs,
  );
});
