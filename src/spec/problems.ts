// From valibot's issues to problems with a dotted path, and from problems to one error.

import * as v from "valibot";
import { type Problem, TrogdorError } from "../core/trogdor-error.ts";

/** Parses a value; answers its output or every problem with it. */
export function readWith<Schema extends v.GenericSchema>(
  schema: Schema,
  value: unknown,
): { output: v.InferOutput<Schema>; problems: readonly [] } | { problems: readonly Problem[] } {
  const result = v.safeParse(schema, value);
  if (result.success) return { output: result.output, problems: [] };
  return { problems: result.issues.map(toProblem) };
}

export function toProblem(issue: v.BaseIssue<unknown>): Problem {
  const keys = (issue.path ?? []).map((item) => item.key);
  return { path: dottedPath(keys), message: issue.message };
}

/** `activeTopics.foo[1-3].partitionAssignments.0[2]`: names joined by dots, indexes in brackets. */
export function dottedPath(keys: readonly unknown[]): string {
  let path = "";
  for (const key of keys) {
    if (typeof key === "number") path += `[${key}]`;
    else path += path === "" ? String(key) : `.${String(key)}`;
  }
  return path;
}

/** One line a problem: `path: message`. */
export function problemLine({ path, message }: Problem): string {
  return path === "" ? message : `${path}: ${message}`;
}

/** One error for all problems; its message says the first and how many more there are. */
export function problemsError(problems: readonly Problem[]): TrogdorError {
  const [first] = problems;
  const more = problems.length - 1;
  const rest = more <= 0 ? "" : ` (and ${more} more problem${more === 1 ? "" : "s"})`;
  const text = first === undefined ? "the spec is wrong" : problemLine(first);
  return new TrogdorError("spec", `${text}${rest}`, { problems });
}
