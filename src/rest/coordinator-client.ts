// The coordinator's API for the command line; it talks to Java coordinators as well.

import type { JsonText } from "../core/spec-data.ts";
import type { TaskState } from "../core/task-state.ts";
import { isJsonObject, type JsonObject } from "../spec/json.ts";
import type { ClientOptions } from "./client-calls.ts";
import { type ClientCalls, clientCalls } from "./client-calls.ts";
import type { NodeState } from "./coordinator-extras.ts";
import type { TaskFilter } from "./coordinator-service.ts";
import { readObject, readTask, readTasks, readUptime, type Uptime } from "./read-answer.ts";

export interface CoordinatorClient {
  readonly url: string;
  /** When the coordinator started. */
  status(): Promise<{ readonly serverStartMs: number }>;
  uptime(): Promise<Uptime>;
  createTask(id: string, spec: JsonText): Promise<void>;
  stopTask(id: string): Promise<void>;
  destroyTask(id: string): Promise<void>;
  /** Sorted by id. Without `taskIds` their histograms are left out. */
  tasks(filter?: Partial<TaskFilter>): Promise<ReadonlyMap<string, TaskState>>;
  /** All tasks with their histograms. */
  wholeTasks(): Promise<ReadonlyMap<string, TaskState>>;
  /** Rejects with `notFound` for an unknown id. */
  task(id: string): Promise<TaskState>;
  shutdown(stopAgents: boolean): Promise<void>;
  /** Ours only: a Java coordinator answers `notFound`, as to stopAll. */
  nodes(): Promise<readonly NodeState[]>;
  /** How many tasks were told to stop. */
  stopAll(): Promise<number>;
  close(): void;
}

export function coordinatorClient(options: ClientOptions): CoordinatorClient {
  const calls = clientCalls(options);
  const idBody = (id: string) => JSON.stringify({ id });
  return {
    url: calls.url,
    status: () => calls.get("/coordinator/status", readUptime),
    uptime: () => calls.get("/coordinator/uptime", readUptime),
    createTask: (id, spec) =>
      calls.send("POST", "/coordinator/task/create", `{"id":${JSON.stringify(id)},"spec":${spec}}`),
    stopTask: (id) => calls.send("PUT", "/coordinator/task/stop", idBody(id)),
    destroyTask: (id) => calls.send("DELETE", `/coordinator/tasks?${query([["taskId", id]])}`),
    tasks: (filter = {}) => selectedTasks(calls, filter),
    async wholeTasks() {
      const listed = await selectedTasks(calls, {});
      return selectedTasks(calls, { taskIds: new Set(listed.keys()) });
    },
    task: (id) => oneTask(calls, id),
    shutdown: (stopAgents) =>
      calls.send("PUT", "/coordinator/shutdown", JSON.stringify({ stopAgents })),
    nodes: () => calls.get("/trogdor/coordinator/nodes", readNodes),
    stopAll: () => calls.post("/trogdor/stopAll", readStopped),
    close: calls.close,
  };
}

/**
 * Java's web server refuses some characters in a path, and `.` and `..` mean something else there.
 */
async function oneTask(calls: ClientCalls, id: string): Promise<TaskState> {
  if (/^[^/%\\]+$/s.test(id) && id !== "." && id !== "..") {
    return calls.get(`/coordinator/tasks/${encodeURIComponent(id.toWellFormed())}`, readTask);
  }
  const tasks = await calls.get(`/coordinator/tasks?${query([["taskId", id]])}`, readTasks);
  return tasks.get(id) ?? calls.notFound(`No task with ID "${id}" exists.`);
}

/** Servers take no request line without end: Java's has 8 KB for it and the headers. */
const idsLengthMax = 4096;

/** Many ids go into several calls. */
async function selectedTasks(
  calls: ClientCalls,
  filter: Partial<TaskFilter>,
): Promise<ReadonlyMap<string, TaskState>> {
  const parts: string[][] = [[]];
  let length = 0;
  for (const id of filter.taskIds ?? []) {
    const idLength = query([["taskId", id]]).length + 1;
    if (length > 0 && length + idLength > idsLengthMax) {
      parts.push([]);
      length = 0;
    }
    parts.at(-1)!.push(id);
    length += idLength;
  }
  const found = new Map<string, TaskState>();
  for (const ids of parts) {
    const path = `/coordinator/tasks${filterQuery({ ...filter, taskIds: new Set(ids) })}`;
    for (const [id, task] of await calls.get(path, readTasks)) found.set(id, task);
  }
  return parts.length === 1 ? found : new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function filterQuery(filter: Partial<TaskFilter>): string {
  const { taskIds = [], state } = filter;
  const pairs = [...taskIds].map((id): [string, string] => ["taskId", id]);
  for (const name of ["firstStartMs", "lastStartMs", "firstEndMs", "lastEndMs"] as const) {
    const value = filter[name];
    if (value !== undefined && value > 0) pairs.push([name, String(value)]);
  }
  if (state !== undefined) pairs.push(["state", state]);
  return pairs.length === 0 ? "" : `?${query(pairs)}`;
}

/** Form-encoded, as the Java clients write it: a blank is `+`. */
function query(pairs: readonly (readonly [string, string])[]): string {
  return new URLSearchParams(
    pairs.map(([name, value]): [string, string] => [name, value]),
  ).toString();
}

function readNodes(text: string): readonly NodeState[] {
  const { nodes } = JSON.parse(text) as { nodes?: readonly NodeState[] };
  return nodes ?? [];
}

export function readStopped(text: string): number {
  const json: JsonObject = readObject(text);
  return isJsonObject(json) ? Number(json["stopped"] ?? 0) : 0;
}
