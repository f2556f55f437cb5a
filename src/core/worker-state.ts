// A worker's state as the agent reports it, in the words and with the members of the wire.

import type { JsonText, SpecData } from "./spec-data.ts";

interface WorkerBase {
  /** "" when the caller gave none. */
  readonly taskId: string;
  readonly spec: SpecData;
}

export interface WorkerStarting extends WorkerBase {
  readonly state: "STARTING";
}

export interface WorkerActive extends WorkerBase {
  readonly state: "RUNNING" | "STOPPING";
  readonly startedMs: number;
  readonly status: JsonText;
}

export interface WorkerDone extends WorkerBase {
  readonly state: "DONE";
  readonly startedMs: number;
  readonly doneMs: number;
  readonly status: JsonText;
  /** One sentence; "" is success. */
  readonly error: string;
}

export type WorkerState = WorkerStarting | WorkerActive | WorkerDone;
