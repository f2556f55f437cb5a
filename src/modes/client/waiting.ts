// Waits for the end of tasks and shows how they are: live lines on a terminal, a line for each task
// every five seconds in a pipe. The exit code follows the tasks. A coordinator that goes away for a
// while (it may be restarting) is waited for.

import type { TaskState } from "../../core/task-state.ts";
import { TrogdorError } from "../../core/trogdor-error.ts";
import { realClock } from "../../platform/clock/real-clock.ts";
import type { CoordinatorClient } from "../../rest/coordinator-client.ts";
import { stateMap, taskTexts } from "../../rest/state-text.ts";
import type { CommandLine, OptionDefinition } from "../command.ts";
import { durationMs } from "../exec/duration-ms.ts";
import { elapsedText } from "../exec/quantities.ts";
import { exitCodes } from "../exit-codes.ts";
import type { ModeHost } from "../mode-host.ts";
import { type LiveView, liveView } from "./live-view.ts";
import { terminalStyle } from "./shown.ts";
import { localZone } from "./texts/java-time.ts";
import { progressText } from "./texts/progress-text.ts";
import { paintedTaskText, taskText } from "./texts/task-texts.ts";
import { type TaskView, taskView } from "./texts/task-view.ts";

export const timeoutOption: OptionDefinition = {
  name: "timeout",
  value: "TIME",
  description:
    "Stop waiting and fail after this time: 30s, 5m, 1.5h; a plain number is in seconds. The " +
    "tasks go on.",
};

export interface WaitOptions {
  readonly timeoutMs: number | undefined;
}

export function readWaitOptions(line: CommandLine): WaitOptions {
  const timeout = line.value("timeout");
  return { timeoutMs: timeout === undefined ? undefined : durationMs("--timeout", timeout) };
}

export interface Waiting extends WaitOptions {
  readonly client: CoordinatorClient;
  readonly target: string;
  readonly host: ModeHost;
  readonly line: CommandLine;
}

const pollEveryMs = 500;
/** How long a coordinator may be silent before it is given up. */
export const silentMaxMs = 60_000;

type Tasks = ReadonlyMap<string, TaskState>;

/** Resolves with the exit code: 0 when all ended without an error. */
export async function waitForTasks(ids: readonly string[], waiting: Waiting): Promise<number> {
  const { host, timeoutMs = Number.POSITIVE_INFINITY } = waiting;
  const view = liveView(host.err, realClock);
  const interrupted = new AbortController();
  const forget = host.onStopSignal((signal) => interrupted.abort(signal));
  const watched = watchTasks(ids, waiting);
  try {
    for (;;) {
      const { tasks, silentMs } = await watched.ask();
      if (ids.every((id) => tasks.get(id)?.state === "DONE")) return finish(tasks, view, waiting);
      if (interrupted.signal.aborted) return leave(ids, view, interrupted.signal.reason);
      const leftMs = timeoutMs - watched.elapsedMs();
      if (leftMs <= 0) throw timedOut(ids, tasks, timeoutMs);
      view.show(() => liveLines(ids, tasks, silentMs));
      await realClock.sleep(Math.max(1, Math.min(pollEveryMs, leftMs)), interrupted.signal);
    }
  } finally {
    forget();
    view.clear();
  }
}

interface Answer {
  readonly tasks: Tasks;
  /** How old it is: the coordinator may be away. */
  readonly silentMs: number;
}

interface WatchedTasks {
  elapsedMs(): number;
  ask(): Promise<Answer>;
}

/** Asks again and again; lets the coordinator be away for a while once it has answered. */
function watchTasks(ids: readonly string[], { client }: Waiting): WatchedTasks {
  const beginUs = realClock.nowUs();
  const elapsedMs = () => (realClock.nowUs() - beginUs) / 1000;
  let tasks: Tasks = new Map();
  let answeredMs: number | undefined;
  return {
    elapsedMs,
    async ask() {
      try {
        tasks = await client.tasks({ taskIds: new Set(ids) });
        answeredMs = elapsedMs();
      } catch (error) {
        const isSilent = error instanceof TrogdorError && error.code === "unavailable";
        if (!isSilent || answeredMs === undefined) throw error;
        if (elapsedMs() - answeredMs > silentMaxMs) throw error;
      }
      const unknown = ids.filter((id) => !tasks.has(id));
      if (unknown.length > 0) throw notFound(unknown);
      return { tasks, silentMs: elapsedMs() - answeredMs };
    },
  };
}

function notFound(ids: readonly string[]): TrogdorError {
  const text = ids.length === 1 ? `Task ${ids[0]} was` : `Tasks ${ids.join(", ")} were`;
  return new TrogdorError("task", `${text} not found.`);
}

function timedOut(ids: readonly string[], tasks: Tasks, timeoutMs: number): TrogdorError {
  const active = ids.filter((id) => tasks.get(id)?.state !== "DONE");
  const text = active.length === 1 ? `task ${active[0]} has` : `tasks ${active.join(", ")} have`;
  const after = elapsedText(timeoutMs);
  return new TrogdorError(
    "timeout",
    `${text} not ended after ${after} (--timeout) and may go on; stop with \`trogdor client stop\``,
  );
}

function leave(ids: readonly string[], view: LiveView, signal: unknown): number {
  view.clear();
  const go = ids.length === 1 ? `task ${ids[0]} goes` : "the tasks go";
  view.writeLine(`No longer waiting; ${go} on. Stop with: trogdor client stop ${ids[0]}`);
  const { interrupted, terminated } = exitCodes;
  return signal === "SIGTERM" ? terminated.code : interrupted.code;
}

function liveLines(ids: readonly string[], tasks: Tasks, silentMs: number): string[] {
  const nowMs = realClock.nowMs();
  const lines = ids.flatMap((id) => {
    const task = tasks.get(id);
    return task === undefined || task.state === "DONE" ? [] : [progressText(id, task, nowMs)];
  });
  const isSilent = silentMs > 3 * pollEveryMs;
  const warning = `the coordinator has not answered for ${elapsedText(silentMs)}`;
  return isSilent ? [...lines, warning] : lines;
}

function finish(tasks: Tasks, view: LiveView, { line, host }: Waiting): number {
  view.clear();
  const entries = [...tasks];
  if (line.has("json")) {
    const states = stateMap(entries, taskTexts({ specText: (spec) => spec.text }));
    host.out.write(`{"tasks":${states}}\n`);
  } else {
    for (const [id, task] of entries) host.out.write(endText(taskView(id, task), line, host));
  }
  const hasFailed = entries.some(([, task]) => task.state === "DONE" && task.error !== "");
  return hasFailed ? exitCodes.failed.code : exitCodes.success.code;
}

function endText(task: TaskView, line: CommandLine, host: ModeHost): string {
  const zone = localZone(realClock.nowMs());
  const style = terminalStyle(line, host);
  const options = { showSpec: false, showStatus: false };
  if (style === undefined) return taskText(task, zone, options);
  return paintedTaskText(task, zone, options, style);
}
