// What showTask and showTasks print of tasks: byte for byte as the reference, for scripts that read
// it, and a form for people at a terminal. Pure.

import { parseJson } from "../../../spec/json.ts";
import { type PrintTree, printPretty } from "../../../spec/print.ts";
import { fittedGridText, gridText, oneLine } from "./grid.ts";
import { type DateZone, dateText, durationText } from "./java-time.ts";
import { shortClassName, type TaskFate, type TaskView, taskFate } from "./task-view.ts";

/** The reference's column INFO. */
export function infoText(task: TaskView, zone: DateZone): string {
  const started = `Started ${dateText(task.startedMs, zone)}`;
  switch (task.state) {
    case "PENDING":
      return `Will start at ${dateText(task.startMs, zone)}`;
    case "RUNNING":
      return `${started}; will stop after ${durationText(task.durationMs)}`;
    case "STOPPING":
      return started;
    case "DONE":
      return `${fateWords[taskFate(task)]} at ${dateText(task.doneMs, zone)} ${afterText(task)}`;
  }
}

const fateWords: Readonly<Record<TaskFate, string>> = {
  waiting: "PENDING",
  active: "RUNNING",
  finished: "FINISHED",
  cancelled: "CANCELLED",
  failed: "FAILED",
};

/** The reference subtracts the -1 of a task that never started and prints 57 years. */
function afterText({ startedMs, doneMs }: TaskView): string {
  return startedMs < 0 ? "before it started" : `after ${durationText(doneMs - startedMs)}`;
}

/** The reference's table and the empty line behind it. */
export function taskTableText(tasks: readonly TaskView[], zone: DateZone): string {
  if (tasks.length === 0) return "No matching tasks found.\n";
  const rows = tasks.map((task) => [task.id, task.className, task.state, infoText(task, zone)]);
  return `${gridText([["ID", "TYPE", "STATE", "INFO"], ...rows])}\n`;
}

export interface TaskTextOptions {
  readonly showSpec: boolean;
  readonly showStatus: boolean;
}

export function taskText(task: TaskView, zone: DateZone, options: TaskTextOptions): string {
  const { id, className, state, error, specText, statusText } = task;
  const lines = [`Task ${id} of type ${className} is ${state}. ${infoText(task, zone)}\n`];
  if (state === "DONE" && error !== "") lines.push(`Error: ${error}\n`);
  if (options.showSpec) lines.push(`Spec: ${prettyText(specText)}\n\n`);
  if (options.showStatus) lines.push(`Status: ${prettyText(statusText)}\n\n`);
  return lines.join("");
}

/** The same for a terminal: the first line in the colour of the task's fate, the error in red. */
export function paintedTaskText(
  task: TaskView,
  zone: DateZone,
  options: TaskTextOptions,
  { paint }: TerminalStyle,
): string {
  const colour = fateColours[taskFate(task)];
  const [first = "", ...rest] = taskText(task, zone, options).split("\n");
  const painted = colour === undefined ? first : paint(first, colour);
  const others = rest.map((line) => (line.startsWith("Error: ") ? paint(line, "red") : line));
  return [painted, ...others].join("\n");
}

/** JSON as the reference prints it for people. */
function prettyText(json: string): string {
  return printPretty(parseJson(json, { sizeMax: Number.POSITIVE_INFINITY }) as PrintTree);
}

export interface TerminalStyle {
  readonly width: number;
  paint(text: string, colour: "red" | "green" | "yellow"): string;
}

export const fateColours = {
  waiting: undefined,
  active: "yellow",
  finished: "green",
  cancelled: "yellow",
  failed: "red",
} as const;

/** For a terminal: short type names, the state coloured by the task's fate, cut to the width. */
export function fittedTaskTable(
  tasks: readonly TaskView[],
  zone: DateZone,
  { width, paint }: TerminalStyle,
): string {
  if (tasks.length === 0) return "No matching tasks found.\n";
  const rows = tasks.map((task) => [
    task.id,
    shortClassName(task.className),
    task.state,
    fittedInfo(task, zone),
  ]);
  return fittedGridText({
    rows: [["ID", "TYPE", "STATE", "INFO"], ...rows],
    width,
    paint: (text, row, column) => {
      const task = tasks[row - 1];
      const colour = task === undefined ? undefined : fateColours[taskFate(task)];
      return column >= 2 && colour !== undefined ? paint(text, colour) : text;
    },
  });
}

/** There is room for the cause of a failure where the reference has the time only. */
function fittedInfo(task: TaskView, zone: DateZone): string {
  const info = infoText(task, zone);
  return task.error === "" ? info : `${info}: ${oneLine(task.error)}`;
}
