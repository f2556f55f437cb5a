// The specs on a command line as tasks that can be created: read, changed by --set, checked with
// --check, each with an id.

import { randomInt } from "node:crypto";
import { type Problem, TrogdorError } from "../../core/trogdor-error.ts";
import { parseOverride } from "../../spec/spec-override.ts";
import type { TaskSpec, TaskType } from "../../tasks/define-task.ts";
import { canonicalTaskSpec, checkTaskSpec, parseTaskSpec } from "../../tasks/parse-task-spec.ts";
import type { CommandLine } from "../command.ts";
import type { ModeHost } from "../mode-host.ts";
import { readSpec } from "../read-spec.ts";

export interface NewTask {
  readonly id: string;
  readonly type: TaskType;
  readonly spec: TaskSpec;
  /** The canonical form, which is sent. */
  readonly text: string;
}

interface ReadTask {
  readonly type: TaskType;
  readonly spec: TaskSpec;
}

/** Reports the problems of all specs in one error. */
export async function newTasks(line: CommandLine, host: ModeHost): Promise<readonly NewTask[]> {
  const specs = [...line.operands, ...line.values("spec")];
  const id = line.value("id");
  if (specs.length === 0) {
    throw new TrogdorError("usage", "Missing argument SPEC: a file, JSON, or - for standard input");
  }
  if (specs.length > 1 && id !== undefined) {
    throw new TrogdorError("usage", 'Option "--id" names one task, but there are several specs');
  }
  const overrides = line.values("set").map(parseOverride);
  const failures: TrogdorError[] = [];
  const tasks: NewTask[] = [];
  for (const argument of specs) {
    const name = /^\s*\{/.test(argument) ? "the SPEC argument" : argument;
    try {
      // A single dash is a file name in the reference.
      const isFile = line.has("java") && argument === "-";
      const { text } = await readSpec(isFile ? "./-" : argument, host);
      const { taskType: type, spec } = parseTaskSpec(text, { overrides });
      if (line.has("check")) await check({ type, spec });
      const canonical = canonicalTaskSpec(type, spec);
      tasks.push({ id: id ?? readableId(type.shortName), type, spec, text: canonical });
    } catch (error) {
      if (!(error instanceof TrogdorError) || error.code !== "spec") throw error;
      failures.push(named(error, name));
    }
  }
  if (failures.length > 0) throw together(failures);
  return tasks;
}

async function check({ type, spec }: ReadTask): Promise<void> {
  const problems = await checkTaskSpec(type, spec);
  if (problems.length > 0) throw new TrogdorError("spec", "", { problems });
}

function named(error: TrogdorError, name: string): TrogdorError {
  const { problems, message } = error;
  const text = problems.length > 0 ? `${name} is not a valid spec` : `${name}: ${message}`;
  return new TrogdorError("spec", text, { problems, cause: error });
}

function together(failures: readonly TrogdorError[]): TrogdorError {
  if (failures.length === 1) return failures[0]!;
  const problems = failures.flatMap(({ message, problems: each }): Problem[] => [
    { path: "", message },
    ...each.map(({ path, message: text }) => ({ path: `  ${path}`, message: text })),
  ]);
  return new TrogdorError("spec", `${failures.length} specs are not valid`, { problems });
}

/** Without characters that look alike, so that it can be read out. */
const idCharacters = "abcdefghjkmnpqrstuvwxyz23456789";

/** `produce-bench-x7k2p` */
export function readableId(shortName: string): string {
  const kebab = shortName.replace(/(?<=[a-z0-9])[A-Z]/g, (letter) => `-${letter}`).toLowerCase();
  const end = Array.from({ length: 5 }, () => idCharacters[randomInt(idCharacters.length)]);
  return `${kebab}-${end.join("")}`;
}
