// The command line of scripts/bench. Progress goes to stderr, tables to stdout, all results to a
// file. Ctrl-C ends the program that runs and the broker, by their process ids.

import { join, relative } from "node:path";
import type { Subprocess } from "bun";
import { KAFKA_DIR, REPOSITORY_DIR } from "../kafka-cluster/cluster-files.ts";
import {
  type BenchBroker,
  BROKER_HEAP,
  BROKER_PROPERTIES,
  KAFKA_VERSION,
  withBroker,
} from "./bench-broker.ts";
import { type BenchOptions, readBenchOptions, USAGE } from "./bench-options.ts";
import { type ContestantId, EXECUTABLE, UNTHROTTLED } from "./contestants.ts";
import { requireDiskSpace } from "./disk-space.ts";
import { javaClassPath } from "./java-command.ts";
import { describeMachine, describeVersions } from "./machine.ts";
import { requireProcessTree } from "./process-tree.ts";
import { resultTables } from "./result-tables.ts";
import { type BenchResults, RESULTS_FORMAT, writeResults } from "./results.ts";
import { runRounds } from "./rounds.ts";
import { measureHelp, measureStarts } from "./startup.ts";
import { WORKLOAD_BENCHES } from "./workloads/workload-plans.ts";
import { writeDocs } from "./write-docs.ts";

const INTERRUPTED = 130;
const PACED_PER_SEC = 10_000;
const PACED: readonly ContestantId[] = ["trogdor", "java-trogdor"];

const controller = new AbortController();
let building: Subprocess | undefined;

async function main(): Promise<number> {
  const [part, ...rest] = process.argv.slice(2);
  if (part === "control") {
    if (!rest.includes("--help")) await build();
    const { benchControl } = await import("./control/control-bench.ts");
    return await benchControl(rest, progress);
  }
  if (part === "kibosh") {
    const { benchKibosh } = await import("./kibosh/kibosh-bench.ts");
    return await benchKibosh(rest, progress, controller.signal);
  }
  const workload = WORKLOAD_BENCHES.find((bench) => bench === part);
  if (workload !== undefined) {
    requireProcessTree();
    const { benchWorkload } = await import("./workloads/workload-bench.ts");
    const host = { signal: controller.signal, progress, build };
    return await benchWorkload(workload, rest, host);
  }
  const options = usageErrors(() => readBenchOptions(process.argv.slice(2)));
  if (options === undefined) {
    process.stdout.write(USAGE);
    return 0;
  }
  if (options.docsFrom !== undefined) {
    for (const file of writeDocs(options.docsFrom)) progress(`wrote ${file}`);
    return 0;
  }
  requireProcessTree();
  requireDiskSpace(KAFKA_DIR, options.messages);
  if (options.isBuilt) await build();
  await javaClassPath(progress);
  const results = await measure(options);
  const day = results.startedAt.replace(/[-:]/g, "").replace(/\..*/, "");
  const file = options.outFile ?? join(REPOSITORY_DIR, `bench-results/produce-${day}.json`);
  writeResults(file, results);
  process.stdout.write(`\n${resultTables(results)}\n`);
  progress(`all results are in ${relative(process.cwd(), file)}`);
  for (const { contestant, round, problem } of results.failures) {
    progress(`failed: ${contestant} in round ${round}: ${problem}`);
  }
  return results.failures.length === 0 ? 0 : 1;
}

async function measure(options: BenchOptions): Promise<BenchResults> {
  const startedAt = new Date().toISOString();
  const collected: Partial<Pick<BenchResults, "load" | "paced" | "startup">>[] = [];
  const commands: Record<string, string> = {};
  const failures: BenchResults["failures"][number][] = [];
  await withBroker(progress, async (broker) => {
    const parts = { load: measureLoad, paced: measurePaced, startup: measureStartup };
    for (const part of options.parts) {
      const done = await parts[part](options, broker, commands);
      collected.push(done.results);
      failures.push(...done.failures);
    }
  });
  return {
    format: RESULTS_FORMAT,
    startedAt,
    endedAt: new Date().toISOString(),
    isQuick: options.isQuick,
    machine: describeMachine(),
    versions: describeVersions(EXECUTABLE, KAFKA_VERSION),
    broker: { version: KAFKA_VERSION, heap: BROKER_HEAP, ...BROKER_PROPERTIES },
    command: ["./scripts/bench", ...process.argv.slice(2)].join(" "),
    commands,
    rounds: options.rounds,
    messages: options.messages,
    ...Object.assign({}, ...collected),
    failures,
  };
}

type Commands = Record<string, string>;
type PartResult = {
  readonly results: Partial<Pick<BenchResults, "load" | "paced" | "startup">>;
  readonly failures: BenchResults["failures"];
};

function environmentOf(broker: BenchBroker, part: string, commands: Commands) {
  const { signal } = controller;
  const onCommand = ({ id }: { id: ContestantId }, readable: string) => {
    // Paths of this machine say nothing to others.
    const text = readable.replaceAll(`${REPOSITORY_DIR}/`, "").replaceAll(KAFKA_DIR, ".kafka");
    commands[`${part} ${id}`] = text;
  };
  return { broker, signal, onCommand };
}

async function measureLoad(
  options: BenchOptions,
  broker: BenchBroker,
  commands: Commands,
): Promise<PartResult> {
  const plan = {
    name: "load",
    contestants: options.contestants,
    rounds: options.rounds,
    hasWarmup: true,
    runOf: ({ messageShare }: { messageShare: number }) => ({
      messages: Math.max(1, Math.round(options.messages * messageShare)),
      messagesPerSec: UNTHROTTLED,
      isEvennessRead: false,
    }),
  };
  const environment = environmentOf(broker, "load", commands);
  const { runs, failures } = await runRounds(plan, environment, progress);
  return { results: { load: runs }, failures };
}

async function measurePaced(
  options: BenchOptions,
  broker: BenchBroker,
  commands: Commands,
): Promise<PartResult> {
  const seconds = options.pacedSeconds;
  const plan = {
    name: "paced",
    contestants: PACED.filter((id) => options.contestants.includes(id)),
    rounds: options.pacedRounds,
    hasWarmup: !options.parts.has("load"),
    runOf: () => ({
      messages: PACED_PER_SEC * seconds,
      messagesPerSec: PACED_PER_SEC,
      isEvennessRead: true,
    }),
  };
  const environment = environmentOf(broker, "paced", commands);
  const { runs, failures } = await runRounds(plan, environment, progress);
  return { results: { paced: { messagesPerSec: PACED_PER_SEC, seconds, runs } }, failures };
}

async function measureStartup(options: BenchOptions, broker: BenchBroker): Promise<PartResult> {
  const { signal } = controller;
  const helpMs = await measureHelp(options.starts, signal);
  const plan = { contestants: options.contestants, starts: options.starts };
  const { starts, failures } = await measureStarts(plan, broker, signal, progress);
  return { results: { startup: { helpMs, starts } }, failures };
}

async function build(): Promise<void> {
  progress("building dist/trogdor");
  building = Bun.spawn([process.execPath, join(REPOSITORY_DIR, "scripts/executable/main.ts")], {
    stdio: ["ignore", "inherit", "inherit"],
  });
  const exitCode = await building.exited;
  building = undefined;
  controller.signal.throwIfAborted();
  if (exitCode !== 0) throw new Error(`the build ended with ${exitCode}`);
}

class UsageError extends Error {}

function usageErrors<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function progress(line: string): void {
  process.stderr.write(`bench: ${line}\n`);
}

function interrupt(): void {
  if (controller.signal.aborted) process.exit(INTERRUPTED);
  progress("stopping; once more to leave at once");
  controller.abort(new Error("interrupted"));
  building?.kill();
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, interrupt);
main().then(
  (exitCode) => process.exit(exitCode),
  (error: unknown) => {
    progress(error instanceof Error ? error.message : String(error));
    if (error instanceof UsageError) process.stderr.write(`\n${USAGE}`);
    process.exit(controller.signal.aborted ? INTERRUPTED : error instanceof UsageError ? 2 : 1);
  },
);
