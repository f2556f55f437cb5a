// Java daemons and clients together with ours, in every combination, on NoOp, ProduceBench and a
// network partition. Everything is real: the released Java Trogdor, a Kafka broker, packet rules in
// a network namespace.

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { atBest } from "../support/at-best.ts";
import { eventually } from "../support/daemon-process.ts";
import { sharedCluster, uniqueName } from "../support/kafka.ts";
import { type NetworkNamespace, networkNamespace } from "../support/network-namespace.ts";
import {
  type ClientRun,
  type DaemonKind,
  startTrogdorCluster,
  type TrogdorCluster,
} from "../support/trogdor-cluster.ts";

const noOp = "org.apache.kafka.trogdor.task.NoOpTaskSpec";
const partition = "org.apache.kafka.trogdor.fault.NetworkPartitionFaultSpec";
const produceBench = "org.apache.kafka.trogdor.workload.ProduceBenchSpec";
const taskWithinMs = 90_000;
const limitMs = 240_000;

let bootstrapServers: string;
beforeAll(async () => {
  bootstrapServers = (await sharedCluster()).bootstrapServers.PLAINTEXT;
}, limitMs);

interface Combination {
  readonly coordinator: DaemonKind;
  readonly agents: readonly [DaemonKind, DaemonKind];
}

const combinations: readonly Combination[] = [
  { coordinator: "ours", agents: ["java", "ours"] },
  { coordinator: "java", agents: ["ours", "java"] },
];

describe.each(combinations)("coordinator $coordinator, agents $agents", (combination) => {
  let cluster: TrogdorCluster;
  beforeAll(async () => {
    cluster = await startTrogdorCluster(combination);
  }, limitMs);
  afterAll(async () => {
    await cluster[Symbol.asyncDispose]();
  }, limitMs);

  test(
    "NoOp runs on every node and ends by itself",
    async () => {
      // Where the machine is slow, its time may be over before it was seen to run.
      const seen = await atBest(
        async (tryNumber) => {
          const id = `noop-${tryNumber}`;
          await create(cluster, "ours", id, {
            class: noOp,
            durationMs: (1500 * 4 ** tryNumber) / 4,
          });
          const states: TaskJson[] = [];
          const hasEnded = async () => {
            states.push(await shown(cluster, id));
            return states.at(-1)?.state === "DONE";
          };
          expect(await eventually(hasEnded, taskWithinMs)).toBe(true);
          const isActive = ({ status }: TaskJson) =>
            JSON.stringify(status) === '{"node1":"active","node2":"active"}';
          return { ran: states.find(isActive), done: states.at(-1) };
        },
        ({ ran, done }) => ran !== undefined && (done?.error ?? "") === "",
      );
      expect(seen.ran).toMatchObject({ state: "RUNNING" });
      expect(seen.ran?.error).toBeUndefined();
      const status = { node1: "done", node2: "done" };
      expect(seen.done).toMatchObject({ cancelled: false, status });
      expect(seen.done?.error ?? "").toBe("");
    },
    limitMs,
  );

  // A Java client takes seconds for each command; it drives a Java coordinator elsewhere.
  const clients =
    combination.coordinator === "java" ? (["ours"] as const) : (["ours", "java"] as const);
  test.each(clients)(
    "the client of %s creates, shows, stops and destroys",
    async (kind) => {
      const id = `by-${kind}`;
      await create(cluster, kind, id, { class: noOp, durationMs: 600_000 });
      await until(cluster, id, "RUNNING");
      const shown = await cluster.client(kind, "showTask", "--id", id, "--show-status");
      expect(shown.exitCode).toBe(0);
      expect(shown.stdout).toStartWith(`Task ${id} of type ${noOp} is RUNNING. Started `);
      const again = await cluster.client(kind, "createTask", "-i", id, "--spec", "{}");
      expect(again.exitCode).not.toBe(0);
      expectSuccess(await cluster.client(kind, "stopTask", "-i", id));
      expect(await until(cluster, id, "DONE")).toMatchObject({ cancelled: true });
      const list = await cluster.client(kind, "showTasks", "--state", "DONE", "-i", id);
      expect(list.stdout).toMatch(new RegExp(`\\n${id} +${noOp} +DONE +CANCELLED at .* after `));
      expectSuccess(await cluster.client(kind, "destroyTask", "-i", id));
      const gone = await cluster.client(kind, "showTask", "-i", id);
      expect([gone.exitCode, gone.stdout]).toEqual([1, `Task ${id} was not found.\n`]);
    },
    limitMs,
  );

  test.each([1, 2])(
    "ProduceBench runs on node%p",
    async (number) => {
      const id = `produce-${number}`;
      await create(cluster, "ours", id, {
        class: produceBench,
        durationMs: 30_000,
        producerNode: `node${number}`,
        bootstrapServers,
        targetMessagesPerSec: 1_000,
        maxMessages: 500,
        activeTopics: { [uniqueName("interop")]: { numPartitions: 2, replicationFactor: 1 } },
      });
      const done = await until(cluster, id, "DONE");
      expect(done.error ?? "").toBe("");
      expect(done.status).toMatchObject({ totalSent: 500 });
    },
    limitMs,
  );

  test(
    "both clients print the same",
    async () => {
      await create(cluster, "java", "printed", { class: noOp, startMs: 4_000_000_000_000 });
      await create(cluster, "ours", "expired", { class: noOp });
      await until(cluster, "expired", "DONE");
      const commands = [
        ["showTasks"],
        ["showTasks", "--json"],
        ["showTasks", "--state", "DONE"],
        ["showTasks", "--id-pattern", "exp.*"],
        ["showTasks", "--id", "nobody"],
        ["showTask", "-i", "printed"],
        ["showTask", "-i", "expired", "-v"],
        ["showTask", "-i", "expired", "--show-status"],
        ["showTask", "-i", "nobody"],
        ["status"],
      ];
      // A Java client takes its time to start: these run side by side.
      const runs = (kind: DaemonKind) =>
        Promise.all(commands.map((args) => cluster.client(kind, ...args)));
      const [ours, java] = [await runs("ours"), await runs("java")];
      const printed = (all: readonly ClientRun[], textOf: (stdout: string) => string) =>
        all.map(({ stdout }, index) => ({ command: commands[index], text: textOf(stdout) }));
      expect(printed(ours, (stdout) => stdout)).toEqual(printed(java, sameMembers));
    },
    limitMs,
  );
});

describe.each(combinations)(
  "a partition: coordinator $coordinator, agents $agents",
  (combination) => {
    let namespace: NetworkNamespace;
    let cluster: TrogdorCluster;
    let bin: string;
    const path = process.env["PATH"];
    beforeAll(async () => {
      namespace = await networkNamespace();
      // Java calls iptables through sudo, which a machine may not have.
      bin = mkdtempSync(join(tmpdir(), "trogdor-sudo-"));
      writeFileSync(join(bin, "sudo"), '#!/bin/sh\nexec "$@"\n');
      chmodSync(join(bin, "sudo"), 0o755);
      process.env["PATH"] = `${bin}:${path}`;
      const addresses = ["192.0.2.1", "192.0.2.2"];
      const coordinatorOptions = ["--insecure"];
      const agentOptions = ["--insecure"];
      const request = { ...combination, addresses, namespace, coordinatorOptions, agentOptions };
      cluster = await startTrogdorCluster(request);
    }, limitMs);
    afterAll(async () => {
      await cluster[Symbol.asyncDispose]();
      await namespace[Symbol.asyncDispose]();
      process.env["PATH"] = path;
      rmSync(bin, { recursive: true });
    }, limitMs);

    test(
      "blocks both nodes and gives everything back",
      async () => {
        const partitions = [["node1"], ["node2"]];
        // Stopped when it is seen, so that no agent is too late for it.
        await create(cluster, "ours", "split", {
          class: partition,
          durationMs: 600_000,
          partitions,
        });
        const blocked = await eventually(async () => {
          const rules = await namespace.run("iptables-save", "-t", "filter");
          const drops = rules.split("\n").filter((rule) => rule.endsWith("-j DROP"));
          return (
            drops.length === 2 && drops.every((rule) => /-s 192\.0\.2\.\d\/32 -p tcp/.test(rule))
          );
        }, taskWithinMs);
        expect(blocked).toBe(true);
        await until(cluster, "split", "RUNNING", ({ status }) => {
          const created = "created network partition split";
          return JSON.stringify(status) === JSON.stringify({ node1: created, node2: created });
        });
        expectSuccess(await cluster.client("ours", "stopTask", "-i", "split"));
        const done = await until(cluster, "split", "DONE");
        expect(done.error ?? "").toBe("");
        const removed = "removed network partition split";
        expect(done.status).toEqual({ node1: removed, node2: removed });
        expect(await namespace.run("iptables-save", "-t", "filter")).not.toContain("DROP");
      },
      limitMs,
    );
  },
);

interface TaskJson {
  readonly state: string;
  readonly status?: unknown;
  readonly error?: string;
  readonly cancelled?: boolean;
}

async function create(cluster: TrogdorCluster, kind: DaemonKind, id: string, spec: object) {
  const text = JSON.stringify(spec);
  const run = await cluster.client(kind, "createTask", "--id", id, "--spec", text);
  expect(run.stdout).toBe(`Sent CreateTaskRequest for task ${id}.\n`);
  expectSuccess(run);
}

function expectSuccess({ exitCode, stderr }: ClientRun): void {
  expect([exitCode, stderr]).toEqual([0, expect.any(String)]);
}

async function shown(cluster: TrogdorCluster, id: string): Promise<TaskJson> {
  const run = await cluster.client("ours", "showTask", "--id", id, "--json");
  return JSON.parse(run.stdout) as TaskJson;
}

/** The task as our client reads it, once it is in this state. */
async function until(
  cluster: TrogdorCluster,
  id: string,
  state: string,
  isRight: (task: TaskJson) => boolean = () => true,
): Promise<TaskJson> {
  let last = "";
  let task: TaskJson | undefined;
  await eventually(async () => {
    const run = await cluster.client("ours", "showTask", "--id", id, "--json");
    last = run.stdout + run.stderr;
    if (run.exitCode !== 0) return false;
    task = JSON.parse(run.stdout) as TaskJson;
    if (task.state === "DONE" && state !== "DONE") throw new Error(`${id} has ended: ${last}`);
    return task.state === state && isRight(task);
  }, taskWithinMs);
  if (task?.state !== state || !isRight(task)) throw new Error(`${id} never was ${state}: ${last}`);
  return task;
}

/** Our list names `tasks` also when there is none. */
function sameMembers(stdout: string): string {
  return stdout === "{}\n" ? '{"tasks":{}}\n' : stdout;
}
