// The parameters behind the question mark: `+` and `%20` are blanks, unknown ones are ignored,
// empty ones are as if absent, and of a repeated one the first counts (all of them for taskId).

import { type TaskStateName, taskStateNames } from "../core/task-state.ts";
import { TrogdorError } from "../core/trogdor-error.ts";
import { readInteger } from "../spec/types/integer.ts";
import type { LogQuery } from "./agent-extras.ts";
import type { TaskFilter } from "./coordinator-service.ts";

const int64Max = 2n ** 63n - 1n;

export function readTaskFilter(query: string): TaskFilter {
  const parameters = new URLSearchParams(query);
  return {
    taskIds: new Set(parameters.getAll("taskId")),
    firstStartMs: timeOf(parameters, "firstStartMs"),
    lastStartMs: timeOf(parameters, "lastStartMs"),
    firstEndMs: timeOf(parameters, "firstEndMs"),
    lastEndMs: timeOf(parameters, "lastEndMs"),
    state: stateOf(parameters),
  };
}

/** The task to destroy; the service refuses the empty id. */
export function readTaskIdParameter(query: string): string {
  return new URLSearchParams(query).get("taskId") ?? "";
}

export function readWorkerIdParameter(query: string): bigint {
  return integerOf(new URLSearchParams(query), "workerId") ?? 0n;
}

const logLinesDefault = 100;
const logLinesMax = 100_000;

export function readLogQuery(query: string): LogQuery {
  const parameters = new URLSearchParams(query);
  const lines = Number(integerOf(parameters, "lines") ?? logLinesDefault);
  return {
    lines: Math.min(Math.max(0, lines), logLinesMax),
    workerId: integerOf(parameters, "workerId"),
    taskId: parameters.get("taskId") || undefined,
  };
}

function timeOf(parameters: URLSearchParams, name: string): number {
  return Number(integerOf(parameters, name) ?? 0);
}

function integerOf(parameters: URLSearchParams, name: string): bigint | undefined {
  const text = parameters.get(name);
  if (text === null || text === "") return undefined;
  const value = /^[+-]?[0-9]+$/.test(text)
    ? readInteger(text, -int64Max - 1n, int64Max)
    : undefined;
  if (typeof value === "bigint") return value;
  throw invalid(`${name}: expected a 64-bit whole number, found ${JSON.stringify(text)}`);
}

function stateOf(parameters: URLSearchParams): TaskStateName | undefined {
  const text = parameters.get("state");
  if (text === null || text === "") return undefined;
  const name = taskStateNames.find((candidate) => candidate === text);
  if (name !== undefined) return name;
  throw invalid(`State ${text} is invalid. Must be one of [${taskStateNames.join(", ")}]`);
}

function invalid(message: string): TrogdorError {
  return new TrogdorError("invalidRequest", message);
}
