// One run of one program under load: fresh topics, the program, what was seen of it from outside,
// and the topics deleted again.

import { join } from "node:path";
import type { BenchBroker } from "./bench-broker.ts";
import { createBenchTopics, deleteBenchTopics } from "./bench-topics.ts";
import { bytesIn, lastAppendMs, logFilesOf, watchFirstAppend } from "./broker-logs.ts";
import { type Contestant, type Report, VALUE_BYTES } from "./contestants.ts";
import { requireDiskSpace } from "./disk-space.ts";
import { readableCommand } from "./java-command.ts";
import { type MeasuredRun, measureRun } from "./measured-run.ts";
import { cpuSecondsOf } from "./process-tree.ts";
import { evennessOf, recordTimestamps } from "./record-timestamps.ts";
import type { RunResult } from "./results.ts";

/** A tenth of the slowest rate that any of them has shown, so that only a hang takes so long. */
const UNTHROTTLED_PER_SEC_MIN = 10_000;
const START_AND_END_MS = 60_000;
const OUTPUT_TAIL = 2_000;

export interface LoadRunPlan {
  readonly round: number;
  readonly messages: number;
  readonly messagesPerSec: number;
  /** Read the times of the records: only for paced runs, which are small. */
  readonly isEvennessRead: boolean;
}

export interface LoadRunEnvironment {
  readonly broker: BenchBroker;
  readonly signal: AbortSignal;
  readonly onCommand: (contestant: Contestant, readable: string) => void;
}

/** Throws when the program failed or the broker does not hold what it was to send. */
export async function runLoad(
  contestant: Contestant,
  plan: LoadRunPlan,
  environment: LoadRunEnvironment,
): Promise<RunResult> {
  const { bootstrapServers, dataDir } = environment.broker;
  requireDiskSpace(dataDir, plan.messages);
  await createBenchTopics(bootstrapServers, dataDir, contestant.topics);
  try {
    return await measureLoad(contestant, plan, environment);
  } finally {
    if (!environment.signal.aborted) {
      await deleteBenchTopics(bootstrapServers, dataDir, contestant.topics);
    }
  }
}

async function measureLoad(
  contestant: Contestant,
  plan: LoadRunPlan,
  { broker, signal, onCommand }: LoadRunEnvironment,
): Promise<RunResult> {
  const { messages, messagesPerSec } = plan;
  const { bootstrapServers, dataDir } = broker;
  const workDir = join(dataDir, "../bench");
  const command = await contestant.command({ messages, messagesPerSec, bootstrapServers, workDir });
  onCommand(contestant, readableCommand(command));
  const files = logFilesOf(dataDir, contestant.topics);
  const watch = watchFirstAppend(files);
  const brokerCpuBefore = cpuSecondsOf(broker.pid);
  try {
    const run = await measureRun(command, {
      signal,
      timeoutMs: START_AND_END_MS + (messages / slowest(messagesPerSec)) * 1000,
      ...(contestant.resultPattern ? { resultPattern: contestant.resultPattern } : {}),
    });
    const brokerCpuSeconds = cpuSecondsOf(broker.pid) - brokerCpuBefore;
    const report = checkedReport(contestant, run, messages, bytesIn(files));
    const firstMs = watch.firstAppendMs() ?? Number.NaN;
    const loadMs = lastAppendMs(files) - firstMs;
    return {
      contestant: contestant.id,
      round: plan.round,
      messages,
      wallMs: run.wallMs,
      loadMs,
      firstMessageMs: firstMs - run.startedMs,
      messagesPerSec: (messages * 1000) / loadMs,
      wallMessagesPerSec: (messages * 1000) / run.wallMs,
      ...(report.messagesPerSec ? { reportedMessagesPerSec: report.messagesPerSec } : {}),
      cpuUserSeconds: run.cpuUserSeconds,
      cpuSystemSeconds: run.cpuSystemSeconds,
      cpuSecondsPerMillion: ((run.cpuUserSeconds + run.cpuSystemSeconds) * 1e6) / messages,
      brokerCpuSecondsPerMillion: (brokerCpuSeconds * 1e6) / messages,
      pssPeakBytes: run.pssPeakBytes,
      rssPeakBytes: run.rssPeakBytes,
      processes: run.processes,
      logBytes: bytesIn(files),
      wasEndedAfterResult: run.wasEndedAfterResult,
      report: report.text,
      ...(plan.isEvennessRead
        ? { evenness: evennessOf(recordTimestamps(files), messagesPerSec) }
        : {}),
    };
  } finally {
    watch.stop();
  }
}

function slowest(messagesPerSec: number): number {
  return Math.min(messagesPerSec, UNTHROTTLED_PER_SEC_MIN);
}

function checkedReport(
  contestant: Contestant,
  run: MeasuredRun,
  messages: number,
  logBytes: number,
): Report {
  const output = `${run.stdout}${run.stderr}`.trim().slice(-OUTPUT_TAIL);
  if (run.hasTimedOut) throw new Error(`it was ended after ${run.wallMs} ms:\n${output}`);
  if (run.exitCode !== 0) throw new Error(`it ended with ${run.exitCode}:\n${output}`);
  const report = readReport(contestant, run.stdout, output);
  if (report.messagesSent !== messages || logBytes < messages * VALUE_BYTES) {
    throw new Error(
      `it was to send ${messages} messages, says ${report.messagesSent}, ` +
        `and the broker's log holds ${logBytes} bytes:\n${output}`,
    );
  }
  return report;
}

function readReport(contestant: Contestant, stdout: string, output: string): Report {
  try {
    return contestant.readReport(stdout);
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : error}:\n${output}`);
  }
}
