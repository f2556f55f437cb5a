// One run of a workload in one of the two Trogdors, measured from outside.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { BenchBroker } from "../bench-broker.ts";
import { createBenchTopics, deleteBenchTopics } from "../bench-topics.ts";
import { EXECUTABLE } from "../contestants.ts";
import { javaCommand } from "../java-command.ts";
import { type MeasuredRun, measureRun } from "../measured-run.ts";
import type { Amounts, StatusObject, WorkloadPlan } from "./workload-plans.ts";

export const WORKLOAD_CONTESTANTS = ["this Trogdor", "Java Trogdor 4.1"] as const;
export type WorkloadContestant = (typeof WORKLOAD_CONTESTANTS)[number];

/** Longer than the minute that Java may take to notice its own end. */
const START_AND_END_MS = 150_000;
const PER_SEC_MIN = 3_000;

export interface WorkloadRunResult {
  readonly contestant: WorkloadContestant;
  readonly round: number;
  readonly done: number;
  readonly wallMs: number;
  readonly reportedPerSec?: number;
  readonly cpuSecondsPerMillion: number;
  readonly pssPeakBytes: number;
  readonly status: StatusObject;
}

export async function runWorkload(
  contestant: WorkloadContestant,
  round: number,
  plan: WorkloadPlan,
  amount: number,
  environment: { readonly broker: BenchBroker; readonly signal: AbortSignal },
): Promise<WorkloadRunResult> {
  const { broker, signal } = environment;
  const { bootstrapServers, dataDir } = broker;
  const amounts = { amount, bootstrapServers };
  if (plan.areTopicsFresh) await createBenchTopics(bootstrapServers, dataDir, plan.topics);
  try {
    const command = await commandOf(contestant, plan.spec(amounts), join(dataDir, "../bench"));
    const run = await measureRun(command, {
      signal,
      timeoutMs: START_AND_END_MS + (amount / PER_SEC_MIN) * 1000,
      resultPattern:
        /^Task (?:succeeded with status \{[\s\S]*^\}|failed with status [\s\S]* and error )/m,
    });
    const status = statusOf(run);
    const { done, perSec } = plan.read(status);
    if (plan.unit === "messages" && done < amount) {
      throw new Error(`it was to do ${amount} ${plan.unit} and did ${done}`);
    }
    const cpuSeconds = run.cpuUserSeconds + run.cpuSystemSeconds;
    return {
      contestant,
      round,
      done,
      wallMs: run.wallMs,
      ...(perSec === undefined ? {} : { reportedPerSec: perSec }),
      cpuSecondsPerMillion: (cpuSeconds * 1e6) / Math.max(1, done),
      pssPeakBytes: run.pssPeakBytes,
      status,
    };
  } finally {
    if (plan.areTopicsFresh && !signal.aborted) {
      await deleteBenchTopics(bootstrapServers, dataDir, plan.topics);
    }
  }
}

/** Fills the topics with our own producer: it is the quickest there. */
export async function fillTopics(
  spec: object,
  { amount }: Amounts,
  workDir: string,
  signal: AbortSignal,
): Promise<void> {
  const command = await commandOf("this Trogdor", spec, workDir);
  const run = await measureRun(command, {
    signal,
    timeoutMs: START_AND_END_MS + (amount / PER_SEC_MIN) * 1000,
  });
  const { acknowledged } = statusOf(run);
  if (acknowledged !== amount) throw new Error(`only ${String(acknowledged)} messages were sent`);
}

async function commandOf(
  contestant: WorkloadContestant,
  spec: object,
  workDir: string,
): Promise<string[]> {
  mkdirSync(workDir, { recursive: true });
  const file = join(workDir, "workload.json");
  writeFileSync(file, JSON.stringify(spec, null, 2));
  if (contestant === "this Trogdor") return [EXECUTABLE, "exec", file, "--json", "--quiet"];
  const conf = join(workDir, "trogdor.conf");
  const nodes = { node0: { hostname: "localhost", "trogdor.agent.port": 0 } };
  const platform = "org.apache.kafka.trogdor.basic.BasicPlatform";
  writeFileSync(conf, JSON.stringify({ platform, nodes }, null, 2));
  const java = await javaCommand("256M", "org.apache.kafka.trogdor.agent.Agent");
  return [...java, "-c", conf, "-n", "node0", "--exec", file];
}

function statusOf(run: MeasuredRun): StatusObject {
  const output = `${run.stdout}${run.stderr}`.trim().slice(-2000);
  if (run.hasTimedOut) throw new Error(`it was ended after ${run.wallMs} ms:\n${output}`);
  const match = /^(?:Task succeeded with status )?(\{[\s\S]*?^\}|\{.*\})/m.exec(run.stdout);
  if (run.exitCode !== 0 || match === null) {
    throw new Error(`it ended with ${run.exitCode}:\n${output}`);
  }
  return JSON.parse(match[1]!) as StatusObject;
}
