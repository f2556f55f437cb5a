// `tasks`, in Java `showTasks`: the tasks that a coordinator knows, all of them or a selection.

import { didYouMean } from "../../../core/nearest-names.ts";
import { type TaskState, type TaskStateName, taskStateNames } from "../../../core/task-state.ts";
import { errorText, TrogdorError } from "../../../core/trogdor-error.ts";
import { realClock } from "../../../platform/clock/real-clock.ts";
import type { TaskFilter } from "../../../rest/coordinator-service.ts";
import { stateMap, taskTexts } from "../../../rest/state-text.ts";
import type { Command, CommandLine } from "../../command.ts";
import { exitCodes } from "../../exit-codes.ts";
import { withCoordinator } from "../connection.ts";
import { terminalStyle } from "../shown.ts";
import { localZone } from "../texts/java-time.ts";
import { fittedTaskTable, taskTableText } from "../texts/task-texts.ts";
import { taskView } from "../texts/task-view.ts";

export const tasksVerb: Command = {
  name: "tasks",
  aliases: ["showTasks"],
  summary: "List the tasks.",
  options: [
    {
      name: "id",
      short: "i",
      value: "ID",
      repeatable: true,
      description: "Only this task. Can be given more than once.",
    },
    {
      name: "id-pattern",
      value: "REGEX",
      description: "Only tasks whose whole id matches this regular expression.",
    },
    {
      name: "state",
      short: "s",
      value: "STATE",
      description: `Only tasks in this state: ${taskStateNames.join(", ")}.`,
    },
  ],
  examples: [
    { line: "trogdor client tasks", does: "all of them" },
    { line: "trogdor client tasks --state RUNNING", does: "those that run" },
    { line: "trogdor client tasks --id-pattern 'produce-.*' --json", does: "some, as JSON" },
  ],
  run: (line, host) => {
    const { filter, pattern } = readSelection(line);
    return withCoordinator(line, host, async (client) => {
      const found = [...(await client.tasks(filter))].filter(([id]) => pattern?.test(id) ?? true);
      if (line.has("json")) host.out.write(`${tasksJson(found)}\n`);
      else {
        const style = terminalStyle(line, host);
        const zone = localZone(realClock.nowMs());
        const views = found.map(([id, task]) => taskView(id, task));
        host.out.write(
          style === undefined ? taskTableText(views, zone) : fittedTaskTable(views, zone, style),
        );
      }
      // Java tells scripts by its exit code that nothing matches; here an empty list is no failure.
      return found.length === 0 && line.has("java")
        ? exitCodes.failed.code
        : exitCodes.success.code;
    });
  },
};

/** As the reference: nothing found is an object without `tasks`. */
export function tasksJson(tasks: readonly (readonly [string, TaskState])[]): string {
  if (tasks.length === 0) return "{}";
  return `{"tasks":${stateMap(tasks, taskTexts({ specText: (spec) => spec.text }))}}`;
}

interface Selection {
  readonly filter: Partial<TaskFilter>;
  readonly pattern: RegExp | undefined;
}

function readSelection(line: CommandLine): Selection {
  const ids = line.values("id");
  const pattern = line.value("id-pattern");
  if (ids.length > 0 && pattern !== undefined) {
    throw new TrogdorError("usage", 'Options "--id" and "--id-pattern" exclude each other');
  }
  const state = readState(line);
  return {
    filter: { taskIds: new Set(ids), ...(state === undefined ? {} : { state }) },
    pattern: pattern === undefined ? undefined : readPattern(pattern),
  };
}

function readState(line: CommandLine): TaskStateName | undefined {
  const text = line.value("state");
  if (text === undefined) return undefined;
  const wanted = line.has("java") ? text : text.toUpperCase();
  const state = taskStateNames.find((name) => name === wanted);
  if (state !== undefined) return state;
  if (line.has("java")) {
    const choices = `{${taskStateNames.join(",")}}`;
    const message = `argument --state/-s: could not convert '${text}' (choose from ${choices})`;
    throw new TrogdorError("usage", message);
  }
  const known = didYouMean(text, taskStateNames) || `; expected ${taskStateNames.join(", ")}`;
  throw new TrogdorError("usage", `Unknown state "${text}"${known}`);
}

function readPattern(text: string): RegExp {
  try {
    return new RegExp(`^(?:${text})$`, "su");
  } catch (error) {
    throw new TrogdorError(
      "usage",
      `Invalid task ID regular expression ${text}: ${errorText(error)}`,
      { cause: error },
    );
  }
}
