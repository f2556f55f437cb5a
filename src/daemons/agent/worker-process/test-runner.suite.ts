// For tests: a runner with real processes, and listeners that keep what they are told.

import { join } from "node:path";
import { realClock } from "../../../platform/clock/real-clock.ts";
import { recordedLog } from "../../../platform/log/recorded-log.ts";
import { realNativePrograms } from "../../../platform/native-programs/real-native-programs.ts";
import type { Processes } from "../../../platform/processes/processes.ts";
import { realProcesses } from "../../../platform/processes/real-processes.ts";
import type { StatusJson } from "../../../tasks/define-task.ts";
import { parseTaskSpec } from "../../../tasks/parse-task-spec.ts";
import type { WorkerListener, WorkerOrder } from "../worker-runner.ts";

/** The hidden mode, from the sources. */
export const sourceCommand: readonly string[] = [
  process.execPath,
  "--no-env-file",
  join(import.meta.dir, "../../../main.ts"),
  "worker",
];

export const noOpSpec = '{"class":"NoOp","startMs":0,"durationMs":600000}';

export function orderOf(taskId: string, spec = noOpSpec): WorkerOrder {
  const settings = new Map([["trogdor.agent.port", "8888"]]);
  const node = { name: "node0", hostname: "localhost", tags: ["a"], settings };
  const topology = { nodes: new Map([["node0", node]]) };
  return { taskId, workerId: 2n ** 61n + 1n, node: "node0", topology, ...parseTaskSpec(spec) };
}

export interface RecordedListener extends WorkerListener {
  readonly told: string[];
  readonly statuses: StatusJson[];
  readonly histograms: Map<string, string>;
  readonly hasStarted: Promise<void>;
  readonly error: Promise<string>;
}

export function recordedListener(): RecordedListener {
  const told: string[] = [];
  const statuses: StatusJson[] = [];
  const histograms = new Map<string, string>();
  const startedOnce = Promise.withResolvers<void>();
  const endedOnce = Promise.withResolvers<string>();
  return {
    told,
    statuses,
    histograms,
    hasStarted: startedOnce.promise,
    error: endedOnce.promise,
    started() {
      told.push("started");
      startedOnce.resolve();
    },
    status(status) {
      told.push("status");
      statuses.push(status);
    },
    histogram: (name, encoded) => histograms.set(name, encoded),
    ended(error) {
      told.push("ended");
      endedOnce.resolve(error);
    },
  };
}

export interface TestBench {
  readonly processes: Processes;
  readonly log: ReturnType<typeof recordedLog>;
  readonly clock: typeof realClock;
  /** The pids of what was started, in order. */
  readonly pids: readonly number[];
}

export function testBench(options: { readonly usesCgroups?: boolean } = {}): TestBench {
  const log = recordedLog();
  const pids: number[] = [];
  const processes = realProcesses({ nativePrograms: realNativePrograms(), log, ...options });
  const recording: Processes = {
    start(order) {
      const started = processes.start(order);
      if (started.pid !== undefined) pids.push(started.pid);
      return started;
    },
    close: processes.close,
  };
  return { processes: recording, log, clock: realClock, pids };
}
