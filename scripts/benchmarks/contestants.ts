// The programs that are compared, each with the command that puts the same load on the broker and
// with what it says about its run.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { REPOSITORY_DIR } from "../kafka-cluster/cluster-files.ts";
import type { BenchTopic } from "./bench-topic.ts";
import { javaCommand } from "./java-command.ts";

export const CONTESTANT_IDS = ["trogdor", "java-trogdor", "perf-test", "kafkajs"] as const;
export type ContestantId = (typeof CONTESTANT_IDS)[number];

export const VALUE_BYTES = 512;
/** More than any of them can reach on one machine: Trogdor's way to say "as fast as you can". */
export const UNTHROTTLED = 10_000_000;
export const EXECUTABLE = join(REPOSITORY_DIR, "dist/trogdor");

export interface Load {
  readonly messages: number;
  readonly messagesPerSec: number;
  readonly bootstrapServers: string;
  /** A folder for the files that the command reads. */
  readonly workDir: string;
}

/** What the program itself says. */
export interface Report {
  readonly messagesSent: number;
  readonly messagesPerSec?: number;
  /** Its own words, for the raw results. */
  readonly text: unknown;
}

export interface Contestant {
  readonly id: ContestantId;
  readonly label: string;
  readonly topics: readonly BenchTopic[];
  /** The share of the messages that it gets: a slow one would make rounds long. */
  readonly messageShare: number;
  /** Nothing but its exit follows on stdout. */
  readonly resultPattern?: RegExp;
  command(load: Load): Promise<string[]>;
  /** Throws when the output holds no result. */
  readReport(stdout: string): Report;
}

const trogdorTopics: readonly BenchTopic[] = [1, 2, 3].map((index) => ({
  name: `foo${index}`,
  partitions: 10,
}));

const trogdor: Contestant = {
  id: "trogdor",
  label: "this Trogdor",
  topics: trogdorTopics,
  messageShare: 1,
  command: async (load) => [EXECUTABLE, "exec", writeSpec(load), "--json", "--quiet"],
  readReport: readStatus,
};

const kafkajs: Contestant = {
  ...trogdor,
  id: "kafkajs",
  label: "this Trogdor on kafkajs",
  messageShare: 0.2,
  command: async (load) => [...(await trogdor.command(load)), "--set", "clientLibrary=kafkajs"],
};

const javaTrogdor: Contestant = {
  id: "java-trogdor",
  label: "Java Trogdor 4.1",
  topics: trogdorTopics,
  messageShare: 1,
  resultPattern:
    /^Task (?:succeeded with status \{[\s\S]*^\}|failed with status [\s\S]* and error )/m,
  async command(load) {
    const spec = writeSpec(load);
    const conf = join(load.workDir, "trogdor.conf");
    // Port 0: the agent takes any free one; nobody calls it here.
    const nodes = { node0: { hostname: "localhost", "trogdor.agent.port": 0 } };
    const platform = "org.apache.kafka.trogdor.basic.BasicPlatform";
    writeFileSync(conf, JSON.stringify({ platform, nodes }, null, 2));
    const java = await javaCommand("256M", "org.apache.kafka.trogdor.agent.Agent");
    return [...java, "-c", conf, "-n", "node0", "--exec", spec];
  },
  readReport(stdout) {
    const match = /^Task succeeded with status (\{[\s\S]*?^\})/m.exec(stdout);
    if (match === null) throw new Error("it printed no result");
    return readStatus(match[1]!);
  },
};

const perfTest: Contestant = {
  id: "perf-test",
  label: "kafka-producer-perf-test 4.1",
  topics: [{ name: "foo", partitions: 30 }],
  messageShare: 1,
  async command(load) {
    const rate = load.messagesPerSec >= UNTHROTTLED ? -1 : load.messagesPerSec;
    const settings = [`bootstrap.servers=${load.bootstrapServers}`, "acks=all"];
    return [
      ...(await javaCommand("512M", "org.apache.kafka.tools.ProducerPerformance")),
      ...["--topic", "foo", "--num-records", String(load.messages)],
      ...["--record-size", String(VALUE_BYTES), "--throughput", String(rate)],
      ...["--producer-props", ...settings],
    ];
  },
  readReport(stdout) {
    const lines = stdout.split("\n").filter((line) => line.includes("99.9th"));
    const match = /^(\d+) records sent, ([\d.]+) records\/sec/.exec(lines.at(-1) ?? "");
    if (match === null) throw new Error("it printed no result");
    return {
      messagesSent: Number(match[1]),
      messagesPerSec: Number(match[2]),
      text: lines.at(-1),
    };
  },
};

const all: Readonly<Record<ContestantId, Contestant>> = {
  trogdor,
  "java-trogdor": javaTrogdor,
  "perf-test": perfTest,
  kafkajs,
};

export function contestant(id: ContestantId): Contestant {
  return all[id];
}

/** Those that have a run, in the order of the tables. */
export function contestantsIn(
  runs: readonly { readonly contestant: ContestantId }[],
): readonly ContestantId[] {
  return CONTESTANT_IDS.filter((id) => runs.some((run) => run.contestant === id));
}

/** Both Trogdors get the same file. What it leaves out is the same by default in both. */
function writeSpec(load: Load): string {
  const spec = {
    class: "org.apache.kafka.trogdor.workload.ProduceBenchSpec",
    durationMs: 1_200_000,
    producerNode: "node0",
    bootstrapServers: load.bootstrapServers,
    targetMessagesPerSec: load.messagesPerSec,
    maxMessages: load.messages,
    keyGenerator: { type: "sequential", size: 4 },
    valueGenerator: { type: "constant", size: VALUE_BYTES },
    producerConf: { acks: "all" },
    activeTopics: { "foo[1-3]": { numPartitions: 10, replicationFactor: 1 } },
  };
  mkdirSync(load.workDir, { recursive: true });
  const file = join(load.workDir, "spec.json");
  writeFileSync(file, JSON.stringify(spec, null, 2));
  return file;
}

function readStatus(text: string): Report {
  const status = JSON.parse(text) as { totalSent?: number; achievedMessagesPerSec?: number };
  if (status?.totalSent === undefined) throw new Error(`its status has no totalSent: ${text}`);
  const { totalSent: messagesSent, achievedMessagesPerSec: messagesPerSec } = status;
  return {
    messagesSent,
    ...(messagesPerSec === undefined ? {} : { messagesPerSec }),
    text: status,
  };
}
