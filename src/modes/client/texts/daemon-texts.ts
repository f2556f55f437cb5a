// What `status` and `uptime` print of a daemon, and the table of an agent's workers: byte for byte
// as the reference. Pure.

import type { JsonValue } from "../../../spec/json.ts";
import { isJsonObject } from "../../../spec/json.ts";
import { gridText } from "./grid.ts";
import { type DateZone, dateText, durationText } from "./java-time.ts";
import { textOf } from "./task-view.ts";

export type DaemonName = "Coordinator" | "Agent";

export function statusText(
  daemon: DaemonName,
  target: string,
  serverStartMs: number,
  zone: DateZone,
): string {
  return `${daemon} is running at ${target}.\n\tStart time: ${dateText(serverStartMs, zone)}\n`;
}

export interface Uptime {
  readonly serverStartMs: number;
  readonly nowMs: number;
}

export function uptimeText(
  daemon: DaemonName,
  target: string,
  { serverStartMs, nowMs }: Uptime,
  zone: DateZone,
): string {
  return [
    statusText(daemon, target, serverStartMs, zone),
    `\tCurrent server time: ${dateText(nowMs, zone)}\n`,
    `\tUptime: ${durationText(nowMs - serverStartMs)}\n`,
  ].join("");
}

export interface WorkerView {
  readonly workerId: string;
  readonly taskId: string;
  /** `RUNNING`. */
  readonly state: string;
  readonly className: string;
}

export function workerView(workerId: string, json: JsonValue): WorkerView {
  const members = isJsonObject(json) ? json : {};
  const spec = members["spec"] ?? null;
  return {
    workerId,
    taskId: textOf(members["taskId"]),
    state: textOf(members["state"]),
    className: isJsonObject(spec) ? textOf(spec["class"]) : "",
  };
}

/** The reference names states by its classes: `WorkerRunning`. */
export function workerTableText(workers: readonly WorkerView[]): string {
  const rows = workers.map(({ workerId, taskId, state, className }) => {
    const stateName = `Worker${state.slice(0, 1)}${state.slice(1).toLowerCase()}`;
    return [workerId, taskId, stateName, className];
  });
  return gridText([["WORKER_ID", "TASK_ID", "STATE", "TASK_TYPE"], ...rows]);
}
