// Everything that the agent knows. The maps are its own and change in place; the records in them
// are immutable values.

import { createDueQueue, type DueQueue } from "../due-queue.ts";
import type { Moment } from "../moment.ts";
import type { PlantedBugs } from "../planted-bugs.ts";
import type { AgentWorker } from "./worker-transitions.ts";

export interface AgentOptions {
  /** Workers stop when nobody asks for the agent's status for longer; 0: never. */
  readonly deadManMs: number;
  /** Finished workers that are kept; the oldest ones go when somebody has seen them. */
  readonly finishedMax: number;
  /** Beyond this they go although nobody has asked. */
  readonly finishedUnseenMax: number;
  /** Ids that are remembered although no worker of theirs ever came. */
  readonly tombstonesMax: number;
  readonly plantedBugs: PlantedBugs;
}

/** Why an id must not start anything, although the agent has no worker of that id. */
export interface Tombstone {
  readonly workerId: bigint;
  /** The coordinator that stopped or destroyed it, or created what has finished since. */
  readonly coordinatorId: string;
  readonly kind: "stopped" | "destroyed" | "finished";
  readonly serial: number;
}

export interface AgentState {
  readonly options: AgentOptions;
  readonly workers: Map<bigint, AgentWorker>;
  /** Those that are not DONE. */
  readonly active: Set<bigint>;
  /** DONE ones, the oldest first. True: their end has been seen by somebody. */
  readonly finished: Map<bigint, boolean>;
  /** The ends of active workers by the monotonic clock. */
  readonly ends: DueQueue<bigint>;
  /** Requests to create a worker that wait for its start. */
  readonly waiting: Map<bigint, number[]>;
  /** The oldest first. */
  readonly tombstones: Map<bigint, Tombstone>;
  nextTombstone: number;
  /** Monotonic: when a coordinator was heard last. */
  heardMs: number;
  isShutDown: boolean;
}

export function newAgent(options: AgentOptions, moment: Moment): AgentState {
  return {
    options,
    workers: new Map(),
    active: new Set(),
    finished: new Map(),
    ends: createDueQueue(),
    waiting: new Map(),
    tombstones: new Map(),
    nextTombstone: 1,
    heardMs: moment.monotonicMs,
    isShutDown: false,
  };
}

export const agentDefaults: Omit<AgentOptions, "plantedBugs"> = {
  deadManMs: 0,
  finishedMax: 1000,
  finishedUnseenMax: 10_000,
  tombstonesMax: 10_000,
};
