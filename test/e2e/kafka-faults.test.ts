// Faults on a real cluster of three brokers, each in a network of its own, with a load running: the
// effect shows in the load's own status, and so does the recovery. Who is hit is found by its part
// in the cluster.

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pauseBroker, resumeBroker } from "../../scripts/kafka-cluster/cluster.ts";
import { brokerDir } from "../../scripts/kafka-cluster/cluster-files.ts";
import { eventually } from "../support/daemon-process.ts";
import {
  type FaultyCluster,
  startFaultyCluster,
  type TaskShown,
} from "../support/faulty-cluster.ts";
import { startLoad } from "../support/faulty-cluster-load.ts";
import { testLimitMs } from "../support/kafka.ts";

let cluster: FaultyCluster;
beforeAll(async () => {
  cluster = await startFaultyCluster();
}, 120_000);
afterAll(async () => {
  await cluster[Symbol.asyncDispose]();
});

const root = join(import.meta.dir, "../..");
const all = [1, 2, 3];
/** A fault's time begins before it is in force: half of it is to spare. */
const holdMs = 3_000;
const delayedMs = 1_000;

interface Target {
  readonly who: string;
  readonly brokers: readonly number[];
  readonly nodes: readonly string[];
  readonly others: readonly string[];
}

/** Of a task that ran on one node or on several, which are all told the same. */
function targetOf({ status, error }: TaskShown): Target {
  expect(error).toBeUndefined();
  if (isTold(status)) return status.target;
  const [one] = Object.values(status as Record<string, unknown>);
  if (isTold(one)) return one.target;
  throw new Error(`no target in ${JSON.stringify(status)}`);
}

function isTold(status: unknown): status is { target: Target } {
  return typeof status === "object" && status !== null && "target" in status;
}

function kafkaTarget(fields: object) {
  return { bootstrapServers: cluster.bootstrapServers, ...fields };
}

/** Hits nobody: the address is one that nobody has. Only who is meant matters. */
function idleFault(target: object, durationMs = 60_000) {
  return {
    class: "NetworkFault",
    durationMs,
    peers: ["198.51.100.1"],
    kafkaTarget: kafkaTarget(target),
  };
}

/** A spec of the folder that users begin with, for this cluster. */
function example(name: string, fields: object, target: object = {}) {
  const text = readFileSync(join(root, `specs/${name}.json`), "utf8");
  const spec = JSON.parse(text.replace(/^\/\/.*$/gm, ""));
  const whom = { ...spec.kafkaTarget, ...kafkaTarget(target) };
  return { ...spec, durationMs: holdMs, ...fields, kafkaTarget: whom };
}

interface Trouble {
  /** How long it holds up whom it holds up, at least. */
  readonly delayMs: number;
  /** The leaders of the load's topicPartitions. */
  readonly leaders?: readonly number[];
}

/** A load goes on after the fault, has lost nothing, and shows the delay in its latencies. */
async function troubles(name: string, spec: object, trouble: Trouble): Promise<TaskShown> {
  const load = await startLoad(cluster, name, trouble.leaders ?? all);
  const fault = await cluster.runTask(name, spec);
  expect([name, fault.error]).toEqual([name, undefined]);
  await load.recovers(trouble.delayMs);
  const { failed, p99LatencyMs } = await load.end();
  expect({ name, failed }).toEqual({ name, failed: 0 });
  expect(p99LatencyMs).toBeGreaterThan(trouble.delayMs);
  return fault;
}

/** Runs an idle fault for as long as it takes until it says whom it means, or has failed. */
async function aimed(id: string, target: object): Promise<TaskShown> {
  await cluster.createTask(id, idleFault(target));
  const hasAimed = async () => {
    const { state, status } = await cluster.showTask(id);
    return state === "DONE" || JSON.stringify(status ?? null).includes('"target"');
  };
  expect(await eventually(hasAimed, testLimitMs)).toBe(true);
  await cluster.trogdor("client", "stop", id);
  return await cluster.waitForTask(id);
}

async function activeController(id: string): Promise<number> {
  return targetOf(await aimed(id, { who: "activeController" })).brokers[0]!;
}

describe("who is meant", () => {
  test(
    "is found when the fault starts, and stands in its status",
    async () => {
      const found = await Promise.all(
        ["randomBroker", "minority", "majority"].map(async (who) =>
          targetOf(await aimed(who, { who })),
        ),
      );
      expect(found.map(({ brokers }) => brokers.length)).toEqual([1, 1, 2]);
      for (const { brokers, nodes, others } of found) {
        expect(nodes).toEqual(brokers.map((id) => `node${id}`));
        const left = all.filter((id) => !brokers.includes(id));
        expect(others).toEqual(left.map((id) => `node${id}`));
      }
    },
    3 * testLimitMs,
  );

  test(
    "is the coordinator of a group, which leads the group's part of the offsets",
    async () => {
      const group = "aimed-at";
      const load = await startLoad(cluster, "read", [1]);
      await load.end();
      const consumed = await cluster.runTask("read", {
        class: "ConsumeBench",
        durationMs: 30_000,
        consumerNode: "clients",
        consumerGroup: group,
        bootstrapServers: cluster.bootstrapServers,
        maxMessages: 10,
        activeTopics: ["read"],
      });
      expect(consumed.error).toBeUndefined();
      const coordinating = await aimed("group", { who: "groupCoordinator", group });
      const topicPartition = `__consumer_offsets:${offsetsPartitionOf(group)}`;
      const leading = await aimed("offsets", { who: "leader", topicPartition });
      expect(targetOf(coordinating).brokers).toEqual(targetOf(leading).brokers);
      expect(JSON.stringify(coordinating.spec)).not.toContain("resolved");
    },
    3 * testLimitMs,
  );

  test(
    "is hit by exec on its node, and on no other",
    async () => {
      const topicPartition = "read:0";
      const spec = idleFault({ who: "leader", topicPartition }, 3_000);
      const { exitCode, stdout } = await cluster.execAt(1, spec, "--json", "--quiet");
      expect(exitCode).toBe(0);
      const target = { who: "leader", brokers: [1], nodes: ["node1"], others: ["node2", "node3"] };
      expect(JSON.parse(stdout).target).toEqual(target);
      const elsewhere = await cluster.execAt(2, spec);
      expect(elsewhere.exitCode).toBe(1);
      expect(elsewhere.stderr).toContain("It runs on node(s): node1, whereas this node is node2");
    },
    3 * testLimitMs,
  );

  test(
    "is an error when there is no such topicPartition or group",
    async () => {
      const error = async (id: string, target: object) =>
        (await cluster.runTask(id, idleFault(target))).error;
      const [noTopic, noPartition, noGroup] = await Promise.all([
        error("no-topic", { who: "leader", topicPartition: "nowhere:0" }),
        error("no-partition", { who: "leader", topicPartition: "read:7" }),
        error("no-group", { who: "groupCoordinator", group: "nobody" }),
      ]);
      const leader = "Unable to find nodes for task: kafkaTarget: leader was not found: ";
      expect(noTopic).toBe(`${leader}topic "nowhere" does not exist`);
      expect(noPartition).toBe(`${leader}topic "read" has no topicPartition 7`);
      expect(noGroup).toEndWith(
        'groupCoordinator was not found: group "nobody" does not exist, or may not be seen',
      );
    },
    3 * testLimitMs,
  );

  test(
    "is an error, soon, when no controller is in reach",
    async () => {
      const { name } = cluster.kafka;
      const adminClientConf = { "default.api.timeout.ms": "4000", "request.timeout.ms": "1000" };
      const spec = idleFault({ who: "activeController", adminClientConf });
      // Alone, the active one would still say for seconds that it is.
      const active = await activeController("whom-to-silence");
      const silent = [active, (active % 3) + 1];
      await Promise.all(silent.map((id) => pauseBroker(name, id)));
      const { error } = await cluster.runTask("no-quorum", spec).finally(async () => {
        await Promise.all(silent.map((id) => resumeBroker(name, id)));
      });
      expect(error).toMatch(/kafkaTarget: (activeController was not found: |the cluster has not)/);
    },
    3 * testLimitMs,
  );
});

/** As a broker finds it: of Java's hash of the name, without its sign. */
function offsetsPartitionOf(group: string): number {
  let hash = 0;
  for (const letter of group) hash = (Math.imul(31, hash) + letter.charCodeAt(0)) | 0;
  return (hash & 0x7fff_ffff) % 5;
}

describe("a composition shows in a load and is over with it:", () => {
  test(
    "the active controller is suspended",
    async () => {
      const id = await activeController("whom-to-suspend");
      const javaProcessName = `${brokerDir(cluster.kafka.name, id)}/`;
      const spec = example("suspend-active-controller", { javaProcessName });
      const fault = await troubles("suspend", spec, { delayMs: delayedMs });
      expect(targetOf(fault)).toMatchObject({ who: "activeController", brokers: [id] });
    },
    3 * testLimitMs,
  );

  test(
    "the active controller is cut off its quorum, which elects another one",
    async () => {
      const spec = example("cut-controller-off-quorum", { durationMs: 5_000 });
      const fault = await troubles("quorum", spec, { delayMs: delayedMs });
      const { brokers, others } = targetOf(fault);
      expect(others.length).toBe(2);
      expect(brokers).not.toContain(await activeController("who-is-next"));
    },
    3 * testLimitMs,
  );

  test(
    "the cluster is split",
    async () => {
      const fault = await troubles("split", example("split-cluster", {}), { delayMs: delayedMs });
      const { brokers, others } = targetOf(fault);
      expect([brokers.length, others.length]).toEqual([1, 2]);
    },
    3 * testLimitMs,
  );

  test(
    "a leader is cut off its followers",
    async () => {
      const spec = example("isolate-leader", {}, { topicPartition: "isolated:0" });
      const trouble = { delayMs: delayedMs, leaders: [2] };
      const fault = await troubles("isolated", spec, trouble);
      expect(targetOf(fault)).toMatchObject({ nodes: ["node2"], others: ["node1", "node3"] });
    },
    3 * testLimitMs,
  );
});

describe("a fault shows in a load and is over with it:", () => {
  const durationMs = holdMs;

  test(
    "NetworkFault cuts a leader's clients off",
    async () => {
      const spec = {
        class: "NetworkFault",
        durationMs,
        direction: "in",
        peers: [cluster.clientAddress],
        localPorts: [9092],
        kafkaTarget: kafkaTarget({ who: "leader", topicPartition: "cut:0" }),
      };
      await troubles("cut", spec, { delayMs: delayedMs, leaders: [2] });
    },
    3 * testLimitMs,
  );

  test(
    "DegradedNetworkFault delays what a leader sends",
    async () => {
      const spec = {
        class: "DegradedNetworkFault",
        durationMs,
        nodeSpecs: { node3: { networkDevice: "eth0", latencyMs: 400 } },
      };
      await troubles("delayed", spec, { delayMs: 350, leaders: [3] });
    },
    3 * testLimitMs,
  );

  test(
    "KiboshFault delays a leader's writes",
    async () => {
      const { kiboshMount } = cluster.kafka;
      const prefix = "/slow-0";
      const faults = [
        { type: "write_delay", prefix, suffix: ".log", delay_ms: 400, fraction: 1.0 },
      ];
      const where = { nodeNames: ["node1"], mountPath: kiboshMount };
      const spec = { class: "KiboshFault", durationMs, ...where, faults };
      await troubles("slow", spec, { delayMs: 350, leaders: [1] });
    },
    3 * testLimitMs,
  );

  test(
    "ServiceRestartFault stops a broker, whose leaderships move, and starts it again",
    async () => {
      const script = (...args: string[]) =>
        [process.execPath, "--no-env-file", join(root, "scripts/kafka-cluster/main.ts"), ...args]
          .concat("--name", cluster.kafka.name, "--broker", "2")
          .join(" ");
      const spec = {
        class: "ServiceRestartFault",
        durationMs,
        nodeNames: ["node2"],
        stopCommand: ["sh", "-c", script("stop")],
        startCommand: ["sh", "-c", `setsid ${script("start")} >/dev/null 2>&1 </dev/null &`],
        statusCommand: ["bash", "-c", "exec 3<>/dev/tcp/10.99.0.2/9092"],
      };
      const load = await startLoad(cluster, "restarted", [2]);
      const fault = await cluster.runTask("restart", spec);
      expect(fault).toMatchObject({ status: "started the service" });
      await load.goesOn();
      expect(await load.end()).toMatchObject({ failed: 0 });
    },
    3 * testLimitMs,
  );

  // The last one: the broker stays away.
  test(
    "ProcessKillFault kills a broker, whose leaderships move",
    async () => {
      const command = `${brokerDir(cluster.kafka.name, 3)}/`;
      const nodeNames = ["node3"];
      const spec = { class: "ProcessKillFault", durationMs, nodeNames, command };
      await troubles("killed", spec, { delayMs: 1_000 });
    },
    3 * testLimitMs,
  );
});
