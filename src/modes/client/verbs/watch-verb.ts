// `watch`: the tasks as they change. On a terminal a table that is redrawn; in a pipe one line for
// each change, which a program can follow.

import type { TaskState } from "../../../core/task-state.ts";
import { TrogdorError } from "../../../core/trogdor-error.ts";
import { realClock } from "../../../platform/clock/real-clock.ts";
import type { CoordinatorClient } from "../../../rest/coordinator-client.ts";
import { taskTexts } from "../../../rest/state-text.ts";
import type { Command, CommandLine } from "../../command.ts";
import { exitCodes } from "../../exit-codes.ts";
import type { ModeHost } from "../../mode-host.ts";
import { withCoordinator } from "../connection.ts";
import { liveView } from "../live-view.ts";
import { terminalStyle } from "../shown.ts";
import { dateText, localZone } from "../texts/java-time.ts";
import { progressText } from "../texts/progress-text.ts";
import { fittedTaskTable, infoText } from "../texts/task-texts.ts";
import { taskView } from "../texts/task-view.ts";
import { readWaitOptions, waitForTasks } from "../waiting.ts";

const watchEveryMs = 1000;

export const watchVerb: Command = {
  name: "watch",
  summary: "Show tasks as they change, until Ctrl-C or the end of the one named.",
  operand: {
    name: "TASK",
    required: false,
    repeatable: false,
    description: "The id of one task; without it, all tasks.",
    completes: "nothing",
  },
  options: [],
  examples: [
    { line: "trogdor client watch", does: "see all tasks" },
    { line: "trogdor client watch produce-1", does: "see one until it ends" },
  ],
  run: (line, host) =>
    withCoordinator(line, host, async (client, target) => {
      const id = line.operands[0];
      if (id === undefined) return await watchAll(client, line, host);
      return await waitForTasks([id], { client, target, host, line, ...readWaitOptions(line) });
    }),
};

async function watchAll(
  client: CoordinatorClient,
  line: CommandLine,
  host: ModeHost,
): Promise<number> {
  const interrupted = new AbortController();
  const forget = host.onStopSignal((signal) => interrupted.abort(signal));
  const showChanges = changeLines(line, host);
  const style = terminalStyle(line, host);
  const view = liveView(host.out, realClock);
  let hasAnswered = false;
  try {
    while (!interrupted.signal.aborted) {
      try {
        const tasks = await client.tasks();
        hasAnswered = true;
        if (style === undefined || line.has("json")) showChanges(tasks);
        else view.show(() => tableLines(tasks, style.width - 1));
      } catch (error) {
        const isSilent = error instanceof TrogdorError && error.code === "unavailable";
        if (!isSilent || !hasAnswered) throw error;
        view.show(() => ["The coordinator does not answer; asking again"]);
      }
      await realClock.sleep(watchEveryMs, interrupted.signal);
    }
  } finally {
    forget();
  }
  const { interrupted: byCtrlC, terminated } = exitCodes;
  return interrupted.signal.reason === "SIGTERM" ? terminated.code : byCtrlC.code;
}

type Tasks = ReadonlyMap<string, TaskState>;

/** Those that are not done first: the table may be longer than the terminal. */
function tableLines(tasks: Tasks, width: number): string[] {
  const nowMs = realClock.nowMs();
  const isDone = ([, task]: readonly [string, TaskState]) => task.state === "DONE";
  const active = [...tasks].filter((entry) => !isDone(entry));
  const done = [...tasks].filter(isDone).map(([id, task]) => taskView(id, task));
  const finished = fittedTaskTable(done.reverse(), localZone(nowMs), {
    width,
    paint: (text) => text,
  });
  return [
    `${active.length} active, ${done.length} done`,
    ...active.map(([id, task]) => progressText(id, task, nowMs)),
    ...(done.length === 0 ? [] : finished.trimEnd().split("\n")),
  ];
}

/** Writes what is new since the last time. */
function changeLines(line: CommandLine, host: ModeHost): (tasks: Tasks) => void {
  let known: ReadonlyMap<string, string> = new Map();
  const textOf = taskTexts({ specText: (spec) => spec.text });
  return (tasks) => {
    const nowMs = realClock.nowMs();
    const zone = localZone(nowMs);
    for (const [id, task] of tasks) {
      if (known.get(id) === task.state) continue;
      const json = `{"id":${JSON.stringify(id)},"task":${textOf(task) ?? "null"}}`;
      const info = infoText(taskView(id, task), zone);
      const text = `${dateText(nowMs, zone)} ${id} ${task.state} ${info}`;
      host.out.write(`${line.has("json") ? json : text}\n`);
    }
    for (const id of known.keys()) {
      if (tasks.has(id)) continue;
      const json = `{"id":${JSON.stringify(id)},"task":null}`;
      host.out.write(`${line.has("json") ? json : `${dateText(nowMs, zone)} ${id} destroyed`}\n`);
    }
    known = new Map([...tasks].map(([id, task]) => [id, task.state]));
  };
}
