// `scripts/bench consume|round-trip|connect`: a workload beside Java's, interleaved, in several
// rounds after one that warms the broker up.

import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { parseArgs } from "node:util";
import { KAFKA_DIR, REPOSITORY_DIR } from "../../kafka-cluster/cluster-files.ts";
import { type BenchBroker, KAFKA_VERSION, withBroker } from "../bench-broker.ts";
import { createBenchTopics } from "../bench-topics.ts";
import { EXECUTABLE } from "../contestants.ts";
import { requireDiskSpace } from "../disk-space.ts";
import { javaClassPath } from "../java-command.ts";
import { describeMachine, describeVersions, machineText } from "../machine.ts";
import { inTurn } from "../rounds.ts";
import { figure } from "../statistics.ts";
import { fillSpec, type WorkloadBench, workloadPlans } from "./workload-plans.ts";
import {
  fillTopics,
  runWorkload,
  WORKLOAD_CONTESTANTS,
  type WorkloadRunResult,
} from "./workload-run.ts";
import { workloadTable } from "./workload-table.ts";

export const WORKLOAD_USAGE = `Measures a workload beside Java Trogdor's, against a real Kafka 4.1.

  scripts/bench consume    [--rounds N] [--amount MESSAGES] [--out FILE]
  scripts/bench round-trip [--rounds N] [--amount MESSAGES] [--out FILE]
  scripts/bench connect    [--rounds N] [--amount SECONDS] [--out FILE]

  --quick      one short round, to see that it works; not for figures
  --no-build   measure dist/trogdor as it is, not as the sources are

ConsumeBench of the Java Trogdor notices its end up to a minute late, so each run takes as long.
`;

export interface WorkloadBenchHost {
  readonly signal: AbortSignal;
  progress(line: string): void;
  build(): Promise<void>;
}

export async function benchWorkload(
  bench: WorkloadBench,
  args: string[],
  { signal, progress, build }: WorkloadBenchHost,
): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      rounds: { type: "string" },
      amount: { type: "string" },
      quick: { type: "boolean", default: false },
      "no-build": { type: "boolean", default: false },
      out: { type: "string" },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(WORKLOAD_USAGE);
    return 0;
  }
  const plan = workloadPlans[bench];
  const rounds = wholeNumber("rounds", values.rounds, values.quick ? 1 : 5);
  const amount = wholeNumber(
    "amount",
    values.amount,
    values.quick ? plan.amount.quick : plan.amount.normal,
  );
  if (plan.isFilled) requireDiskSpace(KAFKA_DIR, amount);
  if (!values["no-build"]) await build();
  await javaClassPath(progress);
  const runs: WorkloadRunResult[] = [];
  const failures: string[] = [];
  await withBroker(progress, async (broker) => {
    if (plan.isFilled) await fill(broker);
    for (let round = values.quick ? 1 : 0; round <= rounds; round += 1) {
      for (const contestant of inTurn(WORKLOAD_CONTESTANTS, round)) {
        const where = `${bench}, round ${round} of ${rounds}: ${contestant}`;
        try {
          const run = await runWorkload(contestant, round, plan, amount, { broker, signal });
          if (round > 0) runs.push(run);
          progress(`${where}: ${runText(run, plan.unit)}`);
        } catch (error) {
          signal.throwIfAborted();
          failures.push(`${where}: ${error instanceof Error ? error.message : String(error)}`);
          progress(`failed: ${failures.at(-1)}`);
        }
      }
    }
  });

  async function fill(broker: BenchBroker): Promise<void> {
    const { bootstrapServers, dataDir } = broker;
    progress(`sending ${amount} messages to be consumed`);
    await createBenchTopics(bootstrapServers, dataDir, plan.topics);
    const amounts = { amount, bootstrapServers };
    await fillTopics(fillSpec(amounts), amounts, join(dataDir, "../bench"), signal);
  }

  const results = {
    command: [`./scripts/bench ${bench}`, ...args].join(" "),
    at: new Date().toISOString(),
    machine: describeMachine(),
    versions: describeVersions(EXECUTABLE, KAFKA_VERSION),
    amount,
    spec: plan.spec({ amount, bootstrapServers: "localhost:9092" }),
    runs,
    failures,
  };
  const file = values.out ?? join(REPOSITORY_DIR, `bench-results/${bench}.json`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(results, null, 2)}\n`);
  process.stdout.write(`\n${machineText(results.machine)}\n\n${workloadTable(runs, plan.unit)}\n`);
  progress(`all results are in ${relative(process.cwd(), file)}`);
  return failures.length === 0 ? 0 : 1;
}

function wholeNumber(name: string, text: string | undefined, normal: number): number {
  if (text === undefined) return normal;
  const value = Number(text.replaceAll("_", "").replaceAll(",", ""));
  if (Number.isInteger(value) && value >= 1) return value;
  throw new Error(`--${name} "${text}": expected a whole number of at least 1`);
}

function runText(run: WorkloadRunResult, unit: string): string {
  const rate = run.reportedPerSec === undefined ? [] : [`${figure(run.reportedPerSec)} ${unit}/s`];
  return [
    `${figure(run.wallMs / 1000)} s`,
    ...rate,
    `${figure(run.cpuSecondsPerMillion)} s CPU per million`,
    `${figure(run.pssPeakBytes / 1e6)} MB`,
  ].join(", ");
}
