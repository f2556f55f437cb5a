// What a coordinator may offer beyond the reference's API; a service without a member answers 404
// on its path. All of it stands under /trogdor/..., where no Java peer looks.

import type { JsonText } from "../core/spec-data.ts";
import type { CoordinatorService } from "./coordinator-service.ts";

/** What the coordinator knows of one agent. */
export interface NodeState {
  readonly node: string;
  readonly hostname: string;
  readonly port: number;
  /** True: ours; false: a Java agent; undefined: never reached. */
  readonly isOurs: boolean | undefined;
  /** The agent's version, if it told. */
  readonly version: string | undefined;
  /** The agent's wall clock minus ours, if it told its time. */
  readonly clockOffsetMs: number | undefined;
  readonly lastPollMs: number | undefined;
  readonly lastAnswerMs: number | undefined;
  /** Why the last poll failed; "" when it succeeded or none was made. */
  readonly error: string;
  /** Workers that it reported in its last answer. */
  readonly workers: number;
}

export interface CoordinatorExtras {
  /** GET /trogdor/coordinator/nodes; sorted by name. */
  nodes?(): readonly NodeState[];
  /** POST /trogdor/stopAll: stops every task that is not done; answers how many there were. */
  stopAll?(): Promise<number>;
  /**
   * The member `trogdor.merged` of a task's combined status, for callers that are not Java;
   * undefined when there is nothing to merge. Asked once for each status.
   */
  merged?(status: JsonText): JsonText | undefined;
}

export type ExtendedCoordinatorService = CoordinatorService & CoordinatorExtras;
