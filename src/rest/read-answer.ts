// From the answers of daemons, Java's included, to states. Members that are missing have Java's
// defaults, members that we do not know are passed over, and no task class needs to be known: what
// a spec or a status holds is kept as its text.

import type { JsonText, SpecData } from "../core/spec-data.ts";
import type { TaskState } from "../core/task-state.ts";
import { TrogdorError } from "../core/trogdor-error.ts";
import type { WorkerState } from "../core/worker-state.ts";
import {
  isJsonObject,
  type JsonObject,
  type JsonValue,
  membersInOrder,
  parseJson,
} from "../spec/json.ts";
import { type PrintTree, printCompact } from "../spec/print.ts";
import { describeValue } from "../spec/types/describe-value.ts";
import { readInteger } from "../spec/types/integer.ts";
import { readText } from "../spec/types/text.ts";
import type { AgentStatus } from "./agent-service.ts";

export interface Uptime {
  readonly serverStartMs: number;
  /** 0 when the daemon did not tell. */
  readonly nowMs: number;
}

/** No answer is larger: 10,000 tasks are 1.5 MB, but every status may be long. */
const answerSizeMax = 256 * 1024 * 1024;

/** The answer's object; anything else is a garbled answer, as if there were none. */
export function readObject(text: string): JsonObject {
  const json = parseJson(text, { code: "unavailable", sizeMax: answerSizeMax });
  return objectOf(json, "the answer");
}

export function readUptime(text: string): Uptime {
  const json = readObject(text);
  return { serverStartMs: numberOf(json, "serverStartMs"), nowMs: numberOf(json, "nowMs") };
}

export function readAgentStatus(text: string): AgentStatus {
  const json = readObject(text);
  const workers = membersOf(json["workers"], "workers").map(([id, state]) => {
    if (!/^-?\d{1,19}$/.test(id)) throw garbled(`a worker id, found ${JSON.stringify(id)}`);
    return [BigInt(id), workerOf(objectOf(state, `worker ${id}`))] as const;
  });
  workers.sort(([one], [other]) => (one < other ? -1 : 1));
  return { serverStartMs: numberOf(json, "serverStartMs"), workers: new Map(workers) };
}

export function readTasks(text: string): ReadonlyMap<string, TaskState> {
  const tasks = membersOf(readObject(text)["tasks"], "tasks");
  const states = tasks.map(([id, state]) => [id, taskOf(objectOf(state, `task ${id}`))] as const);
  states.sort(([one], [other]) => (one < other ? -1 : 1));
  return new Map(states);
}

export function readTask(text: string): TaskState {
  return taskOf(readObject(text));
}

function taskOf(json: JsonObject): TaskState {
  const spec = specOf(json);
  const status = json["status"] === undefined ? undefined : jsonText(json["status"]);
  const startedMs = numberOf(json, "startedMs");
  switch (json["state"]) {
    case "PENDING":
      return { state: "PENDING", spec, status: status ?? "null" };
    case "RUNNING":
    case "STOPPING":
      return { state: json["state"], spec, startedMs, status: status ?? "null" };
    case "DONE": {
      const isCancelled = json["cancelled"] === true;
      const [doneMs, error] = [numberOf(json, "doneMs"), textOf(json, "error")];
      return { state: "DONE", spec, startedMs, doneMs, error, cancelled: isCancelled, status };
    }
    default:
      throw garbled(`the state of a task, found ${describeValue(json["state"])}`);
  }
}

function workerOf(json: JsonObject): WorkerState {
  const spec = specOf(json);
  const taskId = textOf(json, "taskId");
  const startedMs = numberOf(json, "startedMs");
  const status = json["status"] === undefined ? "null" : jsonText(json["status"]);
  switch (json["state"]) {
    case "RECEIVING":
    case "STARTING":
      return { state: "STARTING", taskId, spec };
    case "RUNNING":
    case "STOPPING":
      return { state: json["state"], taskId, spec, startedMs, status };
    case "DONE": {
      const [doneMs, error] = [numberOf(json, "doneMs"), textOf(json, "error")];
      return { state: "DONE", taskId, spec, startedMs, doneMs, status, error };
    }
    default:
      throw garbled(`the state of a worker, found ${describeValue(json["state"])}`);
  }
}

const specMembers = ["class", "startMs", "durationMs"];

/** The members in their order, with those that every spec has in front. */
function specOf(state: JsonObject): SpecData {
  const spec = objectOf(state["spec"], "a spec");
  const { class: className, startMs, durationMs } = spec;
  const start = integerOf(startMs, "startMs");
  const duration = integerOf(durationMs, "durationMs");
  const members: [string, PrintTree][] = [
    ["class", inOrder(className ?? "")],
    ["startMs", start],
    ["durationMs", duration],
    ...membersInOrder(spec)
      .filter(([name]) => !specMembers.includes(name))
      .map(([name, value]): [string, PrintTree] => [name, inOrder(value)]),
  ];
  return {
    className: typeof className === "string" ? className : "",
    startMs: start,
    durationMs: Number(duration),
    text: printCompact(new Map(members)),
  };
}

function jsonText(json: JsonValue): JsonText {
  return printCompact(inOrder(json));
}

/** With the members in the order in which they came, also where they are numbers. */
function inOrder(json: JsonValue): PrintTree {
  if (Array.isArray(json)) return json.map(inOrder);
  if (!isJsonObject(json)) return json as PrintTree;
  return new Map(membersInOrder(json).map(([name, value]) => [name, inOrder(value)]));
}

function objectOf(json: JsonValue | undefined, name: string): JsonObject {
  if (json !== undefined && isJsonObject(json)) return json;
  throw garbled(`${name} as an object, found ${describeValue(json)}`);
}

function membersOf(json: JsonValue | undefined, name: string): [string, JsonValue][] {
  return json === undefined || json === null ? [] : Object.entries(objectOf(json, name));
}

const int64Max = 2n ** 63n - 1n;

function integerOf(json: JsonValue | undefined, name: string): bigint {
  const value = readInteger(json ?? 0, -int64Max - 1n, int64Max);
  if (typeof value === "bigint") return value;
  throw garbled(`${name} as a whole number, found ${describeValue(json)}`);
}

function numberOf(json: JsonObject, name: string): number {
  return Number(integerOf(json[name], name));
}

function textOf(json: JsonObject, name: string): string {
  const value = readText(json[name] ?? "");
  if (typeof value === "string") return value;
  throw garbled(`${name} as a text, found ${describeValue(json[name])}`);
}

function garbled(expected: string): TrogdorError {
  return new TrogdorError("unavailable", `the answer was not understood: expected ${expected}`);
}
