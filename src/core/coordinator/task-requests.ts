// What people ask of the coordinator: create, stop and destroy a task; and a task's start.

import { isSameSpec } from "../same-spec.ts";
import { type SpecData, withStartMs } from "../spec-data.ts";
import type { TrogdorErrorCode } from "../trogdor-error.ts";
import type { CreateTask, DestroyTask, StopTask, TargetsFound } from "./coordinator-events.ts";
import { selfRow } from "./coordinator-rows.ts";
import { pollSoon } from "./node-calls.ts";
import type { TaskRecord } from "./task-transitions.ts";
import { putTask, removeTask, type Turn } from "./turn.ts";
import { changeTask, forgetWorker } from "./worker-changes.ts";
import { newWorker } from "./worker-transitions.ts";

export function createTask(turn: Turn, { request, id, spec, nowMs }: CreateTask): void {
  if (id === "") {
    refuse(turn, request, "invalidRequest", emptyId("createTask"));
    return;
  }
  const existing = turn.state.tasks.get(id);
  if (existing !== undefined) {
    const submitted = withStartMs(existing.spec, existing.submittedStartMs);
    if (isSameSpec(submitted.text, spec.text)) {
      grant(turn, request);
      return;
    }
    const message = `Task ID ${id} already exists, and has a different spec ${submitted.text}`;
    refuse(turn, request, "conflict", message);
    return;
  }
  const task = newTask(id, turn.state.nextSerial++, spec, nowMs);
  putTask(turn, undefined, task);
  turn.state.starts.set(id, Number(task.spec.startMs));
  startDueTasks(turn);
  grant(turn, request);
}

export function stopTask(turn: Turn, { request, id, nowMs }: StopTask): void {
  if (id === "") {
    refuse(turn, request, "invalidRequest", emptyId("stopTask"));
    return;
  }
  const task = turn.state.tasks.get(id);
  if (task !== undefined) changeTask(turn, task, { type: "stopRequested", nowMs });
  grant(turn, request);
}

export function destroyTask(turn: Turn, { request, id }: DestroyTask): void {
  if (id === "") {
    refuse(turn, request, "invalidRequest", emptyId("destroyTask"));
    return;
  }
  const task = turn.state.tasks.get(id);
  if (task !== undefined) dropTask(turn, task);
  grant(turn, request);
}

/** Forgets a task at once; its workers follow when their nodes have ended them. */
export function dropTask(turn: Turn, task: TaskRecord): void {
  removeTask(turn, task);
  for (const [, id] of task.workers) {
    const worker = turn.state.workers.get(id);
    if (worker !== undefined) forgetWorker(turn, worker);
  }
}

/** Asks for the nodes of the tasks whose start time has come. */
export function startDueTasks(turn: Turn): void {
  for (;;) {
    const taskId = turn.state.starts.take(turn.moment.nowMs);
    if (taskId === undefined) return;
    const { serial, spec } = turn.state.tasks.get(taskId)!;
    turn.effects.push({ type: "findTargets", taskId, serial, spec });
  }
}

/** Starts a task, unless it was stopped or destroyed meanwhile. */
export function startTask(turn: Turn, event: TargetsFound): void {
  const { state } = turn;
  const { nowMs } = event;
  const task = state.tasks.get(event.taskId);
  if (task?.serial !== event.serial || task.state !== "PENDING") return;
  const nodes = [...new Set(event.nodes)].sort();
  const error = event.nodes === undefined ? event.error : nodesProblem(turn, nodes);
  if (error !== "") {
    const text = `Unable to find nodes for task: ${error}`;
    changeTask(turn, task, { type: "unstartable", nowMs, error: text });
    return;
  }
  const workers = nodes.map((node) => [node, state.nextWorkerId++] as const);
  for (const [node, id] of workers) {
    state.workers.set(id, newWorker(id, task.id, node));
    state.nodes.get(node)!.open.add(id);
  }
  turn.changes.push(selfRow(state));
  changeTask(turn, task, { type: "started", nowMs, workers, workerSpec: event.workerSpec });
  for (const [name] of workers) {
    const node = state.nodes.get(name)!;
    if (!node.isPolling) pollSoon(turn, node);
  }
}

function nodesProblem(turn: Turn, nodes: readonly string[]): string {
  if (nodes.length === 0) return "No node names specified.";
  const unknown = nodes.filter((node) => !turn.state.nodes.has(node));
  return unknown.length === 0 ? "" : `Unknown node names: ${unknown.join(", ")}`;
}

/** A start that is over means at once, with the full duration from then on. */
function newTask(id: string, serial: number, spec: SpecData, nowMs: number): TaskRecord {
  const now = BigInt(Math.floor(nowMs));
  return {
    id,
    serial,
    submittedStartMs: spec.startMs,
    spec: spec.startMs < now ? withStartMs(spec, now) : spec,
    state: "PENDING",
    startedMs: -1,
    doneMs: -1,
    error: "",
    cancelled: false,
    workers: [],
    activeWorkers: 0,
  };
}

function emptyId(request: string): string {
  return `Invalid empty ID in ${request} request.`;
}

function grant(turn: Turn, request: number): void {
  turn.answers.push({ type: "answer", request, refusal: undefined });
}

function refuse(turn: Turn, request: number, code: TrogdorErrorCode, message: string): void {
  turn.answers.push({ type: "answer", request, refusal: { code, message } });
}
