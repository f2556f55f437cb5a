// From the SPEC argument to a spec that can run: read, parse, override, check. Every problem comes
// in one error, and nothing has been created by then.

import { TrogdorError } from "../core/trogdor-error.ts";
import { parseOverride } from "../spec/spec-override.ts";
import type { TaskSpec, TaskType } from "../tasks/define-task.ts";
import { checkTaskSpec, type ParsedTaskSpec, parseTaskSpec } from "../tasks/parse-task-spec.ts";
import type { ModeHost } from "./mode-host.ts";
import { readSpec, type SpecText } from "./read-spec.ts";

export interface LoadedTask {
  readonly type: TaskType;
  readonly spec: TaskSpec;
}

export async function loadTask(
  argument: string,
  overrides: readonly string[],
  host: ModeHost,
): Promise<LoadedTask> {
  const parsedOverrides = overrides.map(parseOverride);
  const text = await readSpec(argument, host);
  const { taskType: type, spec } = parse(text, parsedOverrides);
  const problems = await checkTaskSpec(type, spec);
  if (problems.length > 0) {
    const message = `${text.name} is not a valid ${type.shortName} spec`;
    throw new TrogdorError("spec", message, { problems });
  }
  return { type, spec };
}

/** Says in each error which spec it is about. */
function parse(
  { text, name }: SpecText,
  overrides: readonly ReturnType<typeof parseOverride>[],
): ParsedTaskSpec {
  try {
    return parseTaskSpec(text, { overrides });
  } catch (error) {
    if (!(error instanceof TrogdorError) || error.code !== "spec") throw error;
    const { problems } = error;
    const message =
      problems.length > 0 ? `${name} is not a valid spec` : `${name}: ${error.message}`;
    throw new TrogdorError("spec", message, { problems, cause: error });
  }
}
