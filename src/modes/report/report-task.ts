// One task of a report, out of what a coordinator or `exec` knows of it.

import type { SpecData } from "../../core/spec-data.ts";
import type { TaskState } from "../../core/task-state.ts";
import { mergedStatus } from "../../daemons/coordinator/merged-status.ts";
import { decodeHistogram } from "../../measure/histogram-encoding.ts";
import type { Progress, StatusJson, TaskType } from "../../tasks/define-task.ts";
import { findTaskType } from "../../tasks/find-task-type.ts";
import { parseTaskSpec } from "../../tasks/parse-task-spec.ts";
import { statusProgress } from "../client/texts/nodes-progress.ts";
import type { LatencyCurve, NodeResult, ReportTask, Sample } from "./report.ts";

export interface EndedTask {
  readonly id: string;
  readonly className: string;
  readonly specText: string;
  readonly isDone: boolean;
  readonly isStopped: boolean;
  readonly error: string;
  readonly startedMs: number;
  readonly endedMs: number;
  /** JSON. */
  readonly statusText: string;
  readonly samples: readonly Sample[];
  /** Name to base64, where the status does not hold them. */
  readonly histograms?: ReadonlyMap<string, string>;
}

export function reportTask(task: EndedTask): ReportTask {
  const type = findTaskType(task.className);
  const status = parsed(task.statusText);
  return {
    id: task.id,
    type: type?.shortName ?? task.className,
    outcome: task.error !== "" ? "failed" : task.isDone ? "passed" : "unfinished",
    error: task.error,
    isStopped: task.isStopped,
    startedMs: task.startedMs,
    endedMs: task.endedMs,
    results: type === undefined ? [] : resultsOf(type, task, status),
    latencies: curvesOf(task, status),
    samples: task.samples,
    spec: parsed(task.specText),
    status: withoutHistograms(status),
  };
}

export function endedTask(
  id: string,
  task: TaskState,
  samples: readonly Sample[],
  nowMs: number,
): EndedTask {
  const isDone = task.state === "DONE";
  return {
    id,
    className: task.spec.className,
    specText: task.spec.text,
    isDone,
    isStopped: isDone && task.cancelled,
    error: isDone ? task.error : "",
    startedMs: task.state === "PENDING" ? -1 : task.startedMs,
    endedMs: isDone ? task.doneMs : nowMs,
    statusText: task.status ?? "null",
    samples,
  };
}

/** Undefined when the status tells nothing that could be drawn. */
export function sampleOf(
  spec: Pick<SpecData, "className" | "text">,
  statusText: string,
  atMs: number,
): Sample | undefined {
  const type = findTaskType(spec.className);
  if (type?.progress === undefined) return undefined;
  try {
    const taskSpec = parseTaskSpec(spec.text).spec;
    const read = (part: StatusJson) => type.progress?.(part, taskSpec) ?? {};
    return asSample(statusProgress(JSON.parse(statusText), read), atMs);
  } catch {
    return undefined;
  }
}

export function asSample(progress: Progress, atMs: number): Sample | undefined {
  const names = [
    "ratePerSec",
    "intendedPerSec",
    "bytesPerSec",
    "p50Us",
    "p99Us",
    "errors",
  ] as const;
  const known = names.flatMap((name) => {
    const value = progress[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return known.length === 0 ? undefined : { atMs, ...Object.fromEntries(known) };
}

/** Numbers beyond 2^53 lose digits, which a report can do without. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

function members(value: unknown): Readonly<Record<string, unknown>> | undefined {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  return isObject ? (value as Record<string, unknown>) : undefined;
}

/** A task of several nodes has an object of statuses by node. */
function resultsOf(type: TaskType, task: EndedTask, status: unknown): NodeResult[] {
  const read = (node: string, part: unknown): NodeResult[] => {
    try {
      const result = type.result?.(part as StatusJson, parseTaskSpec(task.specText).spec);
      return result === undefined ? [] : [{ node, result }];
    } catch {
      return [];
    }
  };
  const whole = read("", status);
  if (whole.length > 0) return whole;
  const parts = Object.entries(members(status) ?? {});
  return parts.flatMap(([node, part]) => (node === mergedName ? [] : read(node, part)));
}

const mergedName = "trogdor.merged";

/** 50 to 99.999, dense where it matters. */
const percentiles = [
  ...[0, 10, 20, 30, 40, 50, 60, 70, 75, 80, 85, 90, 92.5, 95, 97, 98, 99, 99.3, 99.5, 99.7, 99.8],
  ...[99.9, 99.95, 99.97, 99.99, 99.995, 99.999, 100],
];

function curvesOf(task: EndedTask, status: unknown): LatencyCurve[] {
  const encoded = task.histograms ?? histogramsOf(status, task.statusText);
  const curves: LatencyCurve[] = [];
  for (const [name, base64] of encoded) {
    try {
      const histogram = decodeHistogram(base64);
      if (histogram.totalCount === 0) continue;
      const points = percentiles.map(
        (percentile) => [percentile, histogram.getValueAtPercentile(percentile)] as const,
      );
      curves.push({ name, count: histogram.totalCount, points });
    } catch {
      // A status comes from anywhere; what is no histogram is not drawn.
    }
  }
  return curves;
}

function histogramsOf(status: unknown, text: string): ReadonlyMap<string, string> {
  const own = members(status) ?? {};
  const merged = own[mergedName] ?? parsed(mergedStatus(text) ?? "null");
  for (const holder of [merged, status, ...Object.values(own)]) {
    const found = members(members(holder)?.["histograms"]);
    if (found === undefined) continue;
    const entries = Object.entries(found);
    return new Map(
      entries.filter((entry): entry is [string, string] => typeof entry[1] === "string"),
    );
  }
  return new Map();
}

/** They are long and stand in the report as curves. */
function withoutHistograms(status: unknown): unknown {
  const own = members(status);
  if (own === undefined) return status;
  const entries = Object.entries(own).filter(
    ([name]) => name !== "histograms" && name !== mergedName,
  );
  return Object.fromEntries(entries.map(([name, value]) => [name, withoutHistograms(value)]));
}
