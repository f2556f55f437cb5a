// What a report holds, whoever makes it: `exec --report`, `client report` or `cluster run`. Its
// JSON form is exactly this, so that other programs can read it.

import type { TaskResult } from "../../tasks/task-result.ts";

export interface Report {
  readonly title: string;
  readonly version: string;
  /** Of the program that wrote it. */
  readonly startedMs: number;
  readonly endedMs: number;
  readonly counts: ReportCounts;
  readonly tasks: readonly ReportTask[];
}

export interface ReportCounts {
  readonly tasks: number;
  readonly passed: number;
  readonly failed: number;
  readonly unfinished: number;
}

/** `unfinished`: it still ran when the report was written. */
export type ReportOutcome = "passed" | "failed" | "unfinished";

export interface ReportTask {
  readonly id: string;
  /** Its type's short name, or its class. */
  readonly type: string;
  readonly outcome: ReportOutcome;
  /** "" when there is none. */
  readonly error: string;
  /** Somebody stopped it before its end. */
  readonly isStopped: boolean;
  /** -1 when it never ran. */
  readonly startedMs: number;
  readonly endedMs: number;
  readonly results: readonly NodeResult[];
  readonly latencies: readonly LatencyCurve[];
  readonly samples: readonly Sample[];
  readonly spec: unknown;
  readonly status: unknown;
}

export interface NodeResult {
  /** "" for a task that has one node only. */
  readonly node: string;
  readonly result: TaskResult;
}

/** Of all nodes together. */
export interface LatencyCurve {
  /** `corrected`: from the intended send time. */
  readonly name: string;
  readonly count: number;
  /** Pairs of a percentile and the latency in microseconds, rising. */
  readonly points: readonly (readonly [percentile: number, latencyUs: number])[];
}

/** How it went at one moment; what is not known is left out. */
export interface Sample {
  /** Since the task's start. */
  readonly atMs: number;
  readonly ratePerSec?: number;
  readonly intendedPerSec?: number;
  readonly bytesPerSec?: number;
  readonly p50Us?: number;
  readonly p99Us?: number;
  readonly errors?: number;
}

export function makeReport(
  title: string,
  version: string,
  tasks: readonly ReportTask[],
  nowMs: number,
): Report {
  const count = (outcome: ReportOutcome) => tasks.filter((task) => task.outcome === outcome).length;
  const started = tasks.map((task) => task.startedMs).filter((startedMs) => startedMs > 0);
  const ended = tasks.map((task) => task.endedMs).filter((endedMs) => endedMs > 0);
  return {
    title,
    version,
    startedMs: started.length === 0 ? nowMs : Math.min(...started),
    endedMs: ended.length === 0 ? nowMs : Math.max(...ended),
    counts: {
      tasks: tasks.length,
      passed: count("passed"),
      failed: count("failed"),
      unfinished: count("unfinished"),
    },
    tasks,
  };
}
