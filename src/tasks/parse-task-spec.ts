// From the text of a spec to a task type and its parsed spec, and back to text. Every problem with
// the spec comes in one error.

import * as v from "valibot";
import type { Problem } from "../core/trogdor-error.ts";
import { isJsonObject, type JsonObject, type JsonValue, parseJson } from "../spec/json.ts";
import { type PrintTree, printCompact, printPretty } from "../spec/print.ts";
import { problemsError, readWith } from "../spec/problems.ts";
import { applyOverrides, type SpecOverride } from "../spec/spec-override.ts";
import { specTree } from "../spec/spec-tree.ts";
import { describeValue } from "../spec/types/describe-value.ts";
import { readText } from "../spec/types/text.ts";
import type { TaskSpec, TaskType } from "./define-task.ts";
import { findTaskType, unknownTaskType } from "./find-task-type.ts";
import { taskTypes } from "./registry.ts";

export interface ParsedTaskSpec {
  readonly taskType: TaskType;
  readonly spec: TaskSpec;
}

export interface ParseTaskSpecOptions {
  /** `--set path=value`, applied to the JSON before it is checked, in this order. */
  readonly overrides?: readonly SpecOverride[];
}

export function parseTaskSpec(text: string, options: ParseTaskSpecOptions = {}): ParsedTaskSpec {
  return readTaskSpec(parseJson(text), options);
}

/** The same for a spec that was read as JSON already, as a part of a request. */
export function readTaskSpec(json: JsonValue, options: ParseTaskSpecOptions = {}): ParsedTaskSpec {
  if (!isJsonObject(json)) throw wrong("", `expected an object, found ${describeValue(json)}`);
  const { overrides = [] } = options;
  const classOverrides = overrides.filter(({ path }) => path === "class");
  const raw = applyOverrides(json, v.unknown(), classOverrides);
  const taskType = taskTypeOf(raw);
  const others = overrides.filter(({ path }) => path !== "class");
  const result = readWith(taskType.schema, applyOverrides(raw, taskType.schema, others));
  if (!("output" in result)) throw problemsError(result.problems);
  return { taskType, spec: result.output as TaskSpec };
}

/** Everything that would keep the task from doing what its spec asks; empty when it can start. */
export async function checkTaskSpec(
  taskType: TaskType,
  spec: TaskSpec,
): Promise<readonly Problem[]> {
  return [...durationProblems(spec), ...(await taskType.check(spec))];
}

/** The normalized form: what is stored, sent to agents and compared. */
export function canonicalTaskSpec(taskType: TaskType, spec: TaskSpec): string {
  return printCompact(treeOf(taskType, spec));
}

/** The normalized form for people, as the reference prints it. */
export function prettyTaskSpec(taskType: TaskType, spec: TaskSpec): string {
  return printPretty(treeOf(taskType, spec));
}

/** The normalized form without our own fields; `leftOut` gets the paths of those that were set. */
export function referenceTaskSpec(taskType: TaskType, spec: TaskSpec, leftOut: string[]): string {
  return printCompact(specTree(taskType.schema, spec, { leftOut }) ?? null);
}

function treeOf(taskType: TaskType, spec: TaskSpec): PrintTree {
  return specTree(taskType.schema, spec) ?? null;
}

function taskTypeOf(raw: JsonObject): TaskType {
  const value = raw["class"] ?? null;
  const name = readText(value);
  if (value === null || typeof name !== "string") {
    const known = taskTypes.map((type) => `"${type.shortName}"`).join(" or ");
    const found = value === null ? "is missing" : `is ${describeValue(value)}`;
    throw wrong("class", `${found}: expected the task's type, ${known} or a full Java class name`);
  }
  const taskType = findTaskType(name);
  if (taskType === undefined) throw wrong("class", unknownTaskType(name));
  return taskType;
}

/** The reference starts such a task only to end it with `worker expired`. */
function durationProblems(spec: TaskSpec): Problem[] {
  if (spec.durationMs > 0) return [];
  const message =
    "is 0 or missing, so the task would end before it begins (worker expired); expected the " +
    "longest time it may run, in milliseconds";
  return [{ path: "durationMs", message }];
}

function wrong(path: string, message: string): Error {
  return problemsError([{ path, message }]);
}
