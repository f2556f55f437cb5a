// A task's state as the coordinator reports it, in the words and with the members of the wire.

import type { JsonText, SpecData } from "./spec-data.ts";

export interface TaskPending {
  readonly state: "PENDING";
  readonly spec: SpecData;
  /** Always `null`. */
  readonly status: JsonText;
}

export interface TaskActive {
  readonly state: "RUNNING" | "STOPPING";
  readonly spec: SpecData;
  readonly startedMs: number;
  readonly status: JsonText;
}

export interface TaskDone {
  readonly state: "DONE";
  readonly spec: SpecData;
  /** -1 when it never ran. */
  readonly startedMs: number;
  readonly doneMs: number;
  /** The first error; "" is success. */
  readonly error: string;
  readonly cancelled: boolean;
  /** Undefined when the task had no worker: the member is then left out. */
  readonly status: JsonText | undefined;
}

export type TaskState = TaskPending | TaskActive | TaskDone;

export const taskStateNames = ["PENDING", "RUNNING", "STOPPING", "DONE"] as const;
export type TaskStateName = (typeof taskStateNames)[number];
