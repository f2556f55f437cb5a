// The folder of one run: run.json, events.jsonl (each change as it is seen), tasks/ID/ with spec
// and status, then the report and rerun.json with what failed. Folders are named by the day and a
// number.

import {
  appendFileSync,
  existsSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import type { TaskState } from "../../core/task-state.ts";
import { errorText, TrogdorError } from "../../core/trogdor-error.ts";
import { realClock } from "../../platform/clock/real-clock.ts";
import { taskTexts } from "../../rest/state-text.ts";
import { version } from "../../version.ts";
import type { NewTask } from "../client/new-tasks.ts";
import { makeReport, type Report, type Sample } from "../report/report.ts";
import { endedTask, reportTask, sampleOf } from "../report/report-task.ts";
import { writeReport } from "../report/write-report.ts";
import type { Inventory } from "./inventory.ts";

export interface RunFolder {
  readonly path: string;
  event(what: string, more: Readonly<Record<string, unknown>>): void;
  /** Writes down what has changed. */
  seen(tasks: ReadonlyMap<string, TaskState>, nowMs: number): void;
  finish(problem: string): Report;
}

/** More are not drawn: half of them are dropped, then. */
const samplesMax = 4000;

export function openRunFolder(
  parent: string,
  tasks: readonly NewTask[],
  inventory: Inventory,
): RunFolder {
  const path = newFolder(parent);
  const startedMs = realClock.nowMs();
  const write = (name: string, value: unknown) =>
    writeFileSync(join(path, name), `${JSON.stringify(value, null, 2)}\n`);
  const folders = new Map(tasks.map(({ id }) => [id, join(path, "tasks", encodeURIComponent(id))]));
  for (const { id, text } of tasks) {
    mkdirSync(folders.get(id)!, { recursive: true });
    writeFileSync(join(folders.get(id)!, "spec.json"), `${text}\n`);
  }
  const nodes = inventory.nodes.map(({ name, hostname }) => ({ name, hostname }));
  const head = { version, startedMs, inventory: inventory.path, nodes };
  write("run.json", head);
  const known = new Map<string, TaskState>();
  const samples = new Map<string, Sample[]>();
  const textOf = taskTexts({ specText: (spec) => spec.text });
  const event: RunFolder["event"] = (what, more) =>
    appendFileSync(
      join(path, "events.jsonl"),
      `${JSON.stringify({ atMs: realClock.nowMs(), what, ...more })}\n`,
    );
  return {
    path,
    event,
    seen(found, nowMs) {
      for (const [id, task] of found) {
        const before = known.get(id);
        known.set(id, task);
        if (task.state !== "PENDING") takeSample(samples, id, task, nowMs);
        if (before?.state === task.state) continue;
        const error = task.state === "DONE" && task.error !== "" ? { error: task.error } : {};
        const startMs = task.state === "PENDING" ? undefined : task.startedMs;
        event("state", { id, state: task.state, startedMs: startMs, ...error });
        writeFileSync(join(folders.get(id) ?? path, "status.json"), `${textOf(task)}\n`);
      }
    },
    finish(problem) {
      const nowMs = realClock.nowMs();
      const reported = [...known].map(([id, task]) =>
        reportTask(endedTask(id, task, samples.get(id) ?? [], nowMs)),
      );
      const report = makeReport(`Run ${basename(path)}`, version, reported, nowMs);
      writeReport(path, report);
      const bad = new Set(reported.filter((each) => each.outcome !== "passed").map(({ id }) => id));
      const again = tasks.filter(({ id }) => bad.has(id) || !known.has(id));
      write(
        "rerun.json",
        again.map(({ id, text }) => ({ id, spec: JSON.parse(text) as unknown })),
      );
      write("run.json", { ...head, endedMs: nowMs, problem, counts: report.counts });
      event("ended", { problem });
      return report;
    },
  };
}

function takeSample(
  samples: Map<string, Sample[]>,
  id: string,
  task: Exclude<TaskState, { state: "PENDING" }>,
  nowMs: number,
): void {
  if (task.status === undefined) return;
  const atMs = (task.state === "DONE" ? task.doneMs : nowMs) - task.startedMs;
  const kept = samples.get(id) ?? [];
  if (task.state === "DONE" && (kept.at(-1)?.atMs ?? -1) >= atMs) return;
  const sample = sampleOf(task.spec, task.status, atMs);
  if (sample === undefined) return;
  kept.push(sample);
  samples.set(id, kept.length > samplesMax ? kept.filter((_, index) => index % 2 === 1) : kept);
}

/** results/2026-11-21--003, and results/latest. */
function newFolder(parent: string): string {
  const day = new Date(realClock.nowMs()).toISOString().slice(0, 10);
  try {
    mkdirSync(parent, { recursive: true });
    for (let number = 1; ; number += 1) {
      const name = `${day}--${String(number).padStart(3, "0")}`;
      const path = join(parent, name);
      if (existsSync(path)) continue;
      mkdirSync(path);
      const link = join(parent, `.latest-${process.pid}`);
      rmSync(link, { force: true });
      symlinkSync(name, link);
      renameSync(link, join(parent, "latest"));
      return path;
    }
  } catch (error) {
    throw new TrogdorError("usage", `--results ${parent} cannot be written: ${errorText(error)}`, {
      cause: error,
    });
  }
}
