// `--report DIR`: watches a task of `exec` while it runs and writes what came of it.

import type { Clock } from "../../platform/clock/clock.ts";
import type { StatusJson } from "../../tasks/define-task.ts";
import { canonicalTaskSpec } from "../../tasks/parse-task-spec.ts";
import { version } from "../../version.ts";
import type { LoadedTask } from "../load-task.ts";
import { makeReport, type Sample } from "../report/report.ts";
import { asSample, reportTask } from "../report/report-task.ts";
import { makeFolder, writeReport } from "../report/write-report.ts";
import { statusJson } from "../status-json.ts";

export interface ExecReport {
  takeHistogram(name: string, encodedBase64: string): void;
  /** Samples until the signal. */
  watch(status: () => StatusJson, signal: AbortSignal): Promise<void>;
  write(status: StatusJson, error: string, isStopped: boolean): void;
}

const sampleEveryMs = 1000;
/** A sample a second for six hours; then every second one is dropped, again and again. */
const samplesMax = 21_600;

export function execReport(
  folder: string,
  task: LoadedTask,
  title: string,
  clock: Clock,
): ExecReport {
  makeFolder(folder);
  const { type, spec } = task;
  const startedMs = clock.nowMs();
  const histograms = new Map<string, string>();
  let samples: Sample[] = [];
  let everyMs = sampleEveryMs;
  return {
    takeHistogram: (name, encodedBase64) => histograms.set(name, encodedBase64),
    async watch(status, signal) {
      while (!signal.aborted) {
        await clock.sleep(everyMs, signal);
        const progress = type.progress?.(status(), spec);
        const sample = progress && asSample(progress, clock.nowMs() - startedMs);
        if (sample !== undefined) samples.push(sample);
        if (samples.length < samplesMax) continue;
        samples = samples.filter((_, index) => index % 2 === 1);
        everyMs *= 2;
      }
    },
    write(status, error, isStopped) {
      const nowMs = clock.nowMs();
      const ended = reportTask({
        id: type.shortName,
        className: type.className,
        specText: canonicalTaskSpec(type, spec),
        isDone: true,
        isStopped,
        error,
        startedMs,
        endedMs: nowMs,
        statusText: statusJson(status),
        samples,
        ...(histograms.size === 0 ? {} : { histograms }),
      });
      writeReport(folder, makeReport(title, version, [ended], nowMs));
    },
  };
}
