// What `status` and `uptime` print of a daemon, and the table of an agent's workers: byte for byte
// as the reference. Pure.

import type { WorkerState } from "../../../core/worker-state.ts";
import { gridText } from "./grid.ts";
import { type DateZone, dateText, durationText } from "./java-time.ts";

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

/** The reference names states by its classes: `WorkerRunning`. */
export function workerTableText(workers: ReadonlyMap<bigint, WorkerState>): string {
  const rows = [...workers].map(([workerId, { taskId, state, spec }]) => {
    const stateName = `Worker${state.slice(0, 1)}${state.slice(1).toLowerCase()}`;
    return [String(workerId), taskId, stateName, spec.className];
  });
  return gridText([["WORKER_ID", "TASK_ID", "STATE", "TASK_TYPE"], ...rows]);
}
