// From the word in `class`, or on a command line, to the task type.

import { didYouMean } from "../core/nearest-names.ts";
import { classNames } from "../spec/task-entries.ts";
import type { TaskType } from "./define-task.ts";
import { taskTypes } from "./registry.ts";

/** By its full Java name, its simple class name or its short name. */
export function findTaskType(name: string): TaskType | undefined {
  return taskTypes.find((type) => classNames(type.className, type.shortName).includes(name));
}

/** What to say about a name that is no task type, with the nearest ones. */
export function unknownTaskType(name: string): string {
  const known = taskTypes.flatMap((type) => classNames(type.className, type.shortName));
  const simpleName = name.slice(name.lastIndexOf(".") + 1);
  const shown = name.length > 200 ? `${name.slice(0, 200)}...` : name;
  const hint = didYouMean(name, known) || didYouMean(simpleName, known);
  const types = taskTypes.map((type) => type.shortName).join(", ");
  return `unknown task class "${shown}"${hint} (known: ${types})`;
}
