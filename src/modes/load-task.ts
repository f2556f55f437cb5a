// From the SPEC argument to a spec that can run: read, parse, override, check. Every problem comes
// in one error, and nothing has been created by then.

import { type Problem, TrogdorError } from "../core/trogdor-error.ts";
import type { TaskSpec, TaskType } from "../tasks/define-task.ts";
import { parseTaskSpec } from "../tasks/parse-task-spec.ts";
import type { ModeHost } from "./mode-host.ts";
import { readSpec } from "./read-spec.ts";

export interface LoadedTask {
  readonly type: TaskType;
  readonly spec: TaskSpec;
}

export async function loadTask(
  argument: string,
  overrides: readonly string[],
  host: ModeHost,
): Promise<LoadedTask> {
  const { text, name } = await readSpec(argument, host);
  const { type, spec } = named(name, () => parseTaskSpec(text, overrides));
  const problems = [...durationProblems(spec), ...type.check(spec)];
  if (problems.length > 0) {
    throw new TrogdorError("spec", `${name} is not a valid ${type.shortName} spec`, { problems });
  }
  return { type, spec };
}

/** The reference starts such a task only to end it with `worker expired`. */
function durationProblems(spec: TaskSpec): Problem[] {
  if (spec.durationMs > 0) return [];
  const message =
    "is 0 or missing, so the task would end before it begins (worker expired); expected the " +
    "longest time it may run, in milliseconds";
  return [{ path: "durationMs", message }];
}

/** Says in each error which spec it is about. */
function named<T>(name: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof TrogdorError) || error.code !== "spec") throw error;
    const { message, problems } = error;
    throw new TrogdorError("spec", `${name}: ${message}`, { problems, cause: error });
  }
}
