// What the coordinator's REST API stands on. A call resolves when its effect is on disk; it rejects
// with a TrogdorError, whose code the REST layer maps to an HTTP status.

import type { SpecData } from "../core/spec-data.ts";
import type { TaskState, TaskStateName } from "../core/task-state.ts";

export interface TaskFilter {
  /** Empty: all. */
  readonly taskIds: ReadonlySet<string>;
  /** 0 and below: no limit. The real times, -1 while unset. */
  readonly firstStartMs: number;
  readonly lastStartMs: number;
  readonly firstEndMs: number;
  readonly lastEndMs: number;
  readonly state: TaskStateName | undefined;
}

export interface CoordinatorService {
  readonly serverStartMs: number;
  nowMs(): number;
  /** Rejects with `conflict` for a used id with another spec, `invalidRequest` for an empty id. */
  createTask(id: string, spec: SpecData): Promise<void>;
  stopTask(id: string): Promise<void>;
  destroyTask(id: string): Promise<void>;
  /** Sorted by id. */
  tasks(filter: TaskFilter): Iterable<readonly [string, TaskState]>;
  task(id: string): TaskState | undefined;
  /** Resolves at once; the daemon ends in the background. */
  shutdown(stopAgents: boolean): Promise<void>;
}
