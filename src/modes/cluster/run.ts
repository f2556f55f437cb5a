// `cluster run`: creates tasks from specs, waits for their end, stops what is left, and writes a
// folder with everything that came of them. The folder grows while they run, so that a crash of
// this process loses nothing of what was.

import { errorText } from "../../core/trogdor-error.ts";
import { realClock } from "../../platform/clock/real-clock.ts";
import type { CoordinatorClient } from "../../rest/coordinator-client.ts";
import { liveView } from "../client/live-view.ts";
import { type NewTask, newTasks } from "../client/new-tasks.ts";
import { progressText } from "../client/texts/progress-text.ts";
import { readWaitOptions, silentMaxMs, timeoutOption } from "../client/waiting.ts";
import type { Command, CommandLine } from "../command.ts";
import { setOption } from "../exec/exec-options.ts";
import { exitCodes } from "../exit-codes.ts";
import type { ModeHost, StopSignal } from "../mode-host.ts";
import { reportText } from "../report/report-text.ts";
import { collect } from "./collect.ts";
import { failureLines } from "./on-all.ts";
import { openRunFolder, type RunFolder } from "./run-folder.ts";
import { type Session, withSession } from "./session.ts";

export const runVerb: Command = {
  name: "run",
  summary: "Run tasks to their end and keep what came of them; fail when one of them failed.",
  operand: {
    name: "SPEC",
    required: true,
    repeatable: true,
    description: "Files, JSON (anything that begins with {), or - for standard input.",
    completes: "files",
  },
  options: [
    {
      name: "results",
      value: "DIR",
      description: "Below it, each run gets a folder; `latest` is the newest. Default results.",
      completes: "files",
    },
    setOption,
    { name: "check", description: "Report every problem of the specs before anything is created." },
    timeoutOption,
    {
      name: "logs",
      value: "WHEN",
      description: "Collect the nodes' logs: always, failure or never. Default failure.",
    },
  ],
  examples: [
    {
      line: "trogdor cluster run --cluster cluster.json load.json cut.json",
      does: "run two tasks at once",
    },
  ],
  run: async (line, host) => {
    const tasks = await newTasks(line, host);
    return await withSession(line, host, (session) => runTasks(tasks, session, line, host));
  },
};

const pollEveryMs = 500;
const stopWithinMs = 60_000;

interface TaskRun {
  readonly tasks: readonly NewTask[];
  readonly client: CoordinatorClient;
  readonly folder: RunFolder;
  readonly host: ModeHost;
  readonly timeoutMs: number;
}

async function runTasks(
  tasks: readonly NewTask[],
  session: Session,
  line: CommandLine,
  host: ModeHost,
): Promise<number> {
  const { timeoutMs = Number.POSITIVE_INFINITY } = readWaitOptions(line);
  const folder = openRunFolder(line.value("results") ?? "results", tasks, session.inventory);
  const ended = await session.withCoordinator((client) =>
    runToEnd({ tasks, client, folder, host, timeoutMs }),
  );
  const report = folder.finish(ended.problem);
  const hasFailed = report.counts.failed + report.counts.unfinished > 0 || ended.problem !== "";
  const when = line.value("logs") ?? "failure";
  if (when === "always" || (when === "failure" && hasFailed)) {
    const failures = await collect(session, folder.path, 100);
    for (const each of failureLines(failures)) host.err.write(`not collected: ${each}\n`);
  }
  host.out.write(`${reportText(report)}\n${folder.path}\n`);
  if (ended.problem !== "") host.err.write(`${ended.problem}\n`);
  if (ended.signal === "SIGINT") return exitCodes.interrupted.code;
  if (ended.signal === "SIGTERM") return exitCodes.terminated.code;
  return hasFailed ? exitCodes.failed.code : exitCodes.success.code;
}

interface Ended {
  readonly signal: StopSignal | undefined;
  /** Why it ended before its tasks did; "" when it did not. */
  readonly problem: string;
}

async function runToEnd(run: TaskRun): Promise<Ended> {
  const interrupted = new AbortController();
  const forget = run.host.onStopSignal((signal) => interrupted.abort(signal));
  let problem = "";
  try {
    for (const { id, text } of run.tasks) {
      await run.client.createTask(id, text);
      run.folder.event("created", { id });
    }
    problem = await waitForEnd(run, run.timeoutMs, interrupted.signal);
  } catch (error) {
    problem = errorText(error);
  }
  if (problem !== "") await stopRest(run);
  forget();
  const signal = interrupted.signal.aborted ? (interrupted.signal.reason as StopSignal) : undefined;
  return { signal, problem };
}

/** Answers why it did not wait to the end; "" when it did. */
async function waitForEnd(run: TaskRun, withinMs: number, signal?: AbortSignal): Promise<string> {
  const { tasks, client, folder, host } = run;
  const ids = new Set(tasks.map(({ id }) => id));
  const view = liveView(host.err, realClock);
  const endMs = realClock.nowMs() + withinMs;
  let answeredMs = realClock.nowMs();
  try {
    for (;;) {
      const nowMs = realClock.nowMs();
      try {
        const found = await client.tasks({ taskIds: ids });
        answeredMs = nowMs;
        folder.seen(found, nowMs);
        if ([...ids].every((id) => found.get(id)?.state === "DONE")) return "";
        view.show(() =>
          [...found].flatMap(([id, task]) =>
            task.state === "DONE" ? [] : [progressText(id, task, nowMs)],
          ),
        );
      } catch (error) {
        if (nowMs - answeredMs > silentMaxMs) throw error;
      }
      if (signal?.aborted === true) return "interrupted; the tasks were stopped";
      if (nowMs > endMs) return "the tasks had not ended in time (--timeout) and were stopped";
      await realClock.sleep(pollEveryMs, signal);
    }
  } finally {
    view.clear();
  }
}

async function stopRest(run: TaskRun): Promise<void> {
  try {
    for (const { id } of run.tasks) await run.client.stopTask(id);
    const late = await waitForEnd(run, stopWithinMs);
    if (late !== "") run.host.err.write("some tasks have not ended yet\n");
  } catch (error) {
    run.host.err.write(`not stopped: ${errorText(error)}\n`);
  }
}
