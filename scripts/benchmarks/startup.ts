// How long it takes until the program answers, and until the broker has its first message. Topics
// stay: the watch looks for growth, and making thirty logs anew for each start would take longer
// than it.

import { join } from "node:path";
import type { BenchBroker } from "./bench-broker.ts";
import { createBenchTopics, deleteBenchTopics } from "./bench-topics.ts";
import { logFilesOf, watchFirstAppend } from "./broker-logs.ts";
import {
  type Contestant,
  type ContestantId,
  contestant,
  EXECUTABLE,
  UNTHROTTLED,
} from "./contestants.ts";
import { measureRun } from "./measured-run.ts";
import type { FailedRun, StartResult } from "./results.ts";
import { spreadOf, spreadText } from "./statistics.ts";

/** Enough to be a load, few enough to be over at once. */
const MESSAGES = 1_000;
const TIMEOUT_MS = 60_000;
/** A JVM starts in seconds, and its spread is small. */
const JVM_SHARE = 4;

/** Wall times of `trogdor --help`, from spawn to exit. */
export async function measureHelp(runs: number, signal: AbortSignal): Promise<number[]> {
  const times: number[] = [];
  for (let run = 0; run < runs; run++) {
    signal.throwIfAborted();
    const startedMs = performance.now();
    const child = Bun.spawn([EXECUTABLE, "--help"], { stdin: "ignore", stdout: "ignore" });
    const exitCode = await child.exited;
    times.push(performance.now() - startedMs);
    if (exitCode !== 0) throw new Error(`${EXECUTABLE} --help ended with ${exitCode}`);
  }
  return times;
}

export interface StartsPlan {
  readonly contestants: readonly ContestantId[];
  readonly starts: number;
}

export async function measureStarts(
  plan: StartsPlan,
  broker: BenchBroker,
  signal: AbortSignal,
  onProgress: (line: string) => void,
): Promise<{ starts: StartResult[]; failures: FailedRun[] }> {
  const starts: StartResult[] = [];
  const failures: FailedRun[] = [];
  for (const id of plan.contestants) {
    const one = contestant(id);
    const isJvm = id === "java-trogdor" || id === "perf-test";
    const count = Math.ceil(plan.starts / (isJvm ? JVM_SHARE : 1));
    await createBenchTopics(broker.bootstrapServers, broker.dataDir, one.topics);
    for (let round = 0; round < count; round++) {
      const started = await startOnce(one, broker, signal);
      if (typeof started === "number") starts.push({ contestant: id, firstMessageMs: started });
      else failures.push({ contestant: id, round, problem: started.message });
    }
    await deleteBenchTopics(broker.bootstrapServers, broker.dataDir, one.topics);
    const times = starts.filter((start) => start.contestant === id);
    const spread = spreadOf(times.map((start) => start.firstMessageMs));
    onProgress(`startup: ${id}: first message after ${spreadText(spread)} ms, ${count} runs`);
  }
  return { starts, failures };
}

async function startOnce(
  one: Contestant,
  broker: BenchBroker,
  signal: AbortSignal,
): Promise<number | Error> {
  const { bootstrapServers, dataDir } = broker;
  const load = { messages: MESSAGES, messagesPerSec: UNTHROTTLED, bootstrapServers };
  const command = await one.command({ ...load, workDir: join(dataDir, "../bench") });
  const watch = watchFirstAppend(logFilesOf(dataDir, one.topics));
  try {
    const { resultPattern } = one;
    const limits = { signal, timeoutMs: TIMEOUT_MS, ...(resultPattern ? { resultPattern } : {}) };
    const run = await measureRun(command, limits);
    const firstMs = watch.firstAppendMs();
    if (run.exitCode === 0 && firstMs !== undefined) return firstMs - run.startedMs;
    return new Error(`it ended with ${run.exitCode}:\n${run.stdout}${run.stderr}`.trim());
  } finally {
    watch.stop();
  }
}
